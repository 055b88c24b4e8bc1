/** How what runs in jest's sandbox is recorded. Where nothing records, as in a plain run of jest, nobody hears it. */
const { channel } = require('node:diagnostics_channel');

const said = channel('regate.test.said');

/** @type {import('./taps.cjs').Record} */
module.exports.say = (name, text) => said.publish({ channel: name, text: String(text) });
