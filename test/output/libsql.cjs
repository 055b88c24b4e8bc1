/** What tests import as libsql: libsql, with all that is kept by it recorded. */
const { say } = require('./said.cjs');
const { tapDatabase } = require('./taps.cjs');

module.exports = tapDatabase(require('../../node_modules/libsql'), (_channel, text) =>
  say('sandbox-sql', text),
);
