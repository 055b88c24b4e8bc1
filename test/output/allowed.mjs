/**
 * What may be said although it looks like a secret. An entry that nothing needs any more fails the run.
 *
 * @typedef {object} Allowed
 * @property {string} what as the search names it
 * @property {RegExp} said who says it: `<test>: <process> on <channel>`
 * @property {string} why completes "it is allowed because …"
 */

/** The official suite's own client, which no part of Regate runs in. The suite runs in continuous integration only. */
const OFFICIAL_CLIENT = {
  said: /^no test: index\.js client on stderr$/,
  why: 'the client of the official conformance suite prints the made-up credentials of its scenarios',
};

/** @type {readonly Allowed[]} */
export const ALLOWED = process.env['CI']
  ? [
      { what: 'a token', ...OFFICIAL_CLIENT },
      { what: 'a private key', ...OFFICIAL_CLIENT },
    ]
  : [];
