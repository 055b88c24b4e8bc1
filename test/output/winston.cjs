/** What tests import as winston: winston, with all that is logged recorded, whatever becomes of it. */
const { inspect } = require('node:util');
const winston = require('../../node_modules/winston');
const { say } = require('./said.cjs');
const { SAID_WHOLE } = require('./taps.cjs');

const { prototype } = winston.Logger;
const { write } = prototype;
prototype.write = function (info, ...rest) {
  say('log', `${inspect(info, SAID_WHOLE)}\n`);
  return write.call(this, info, ...rest);
};

module.exports = winston;
