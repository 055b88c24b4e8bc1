/**
 * What may be said although it looks like a secret, since saying it is what is tested. An entry that nothing needs any
 * more fails the run.
 *
 * @typedef {object} Allowed
 * @property {string} what as the search names it
 * @property {RegExp} said who says it: `<test>: <process> on <channel>`
 * @property {string} why completes "it is allowed because …"
 *
 * @type {readonly Allowed[]}
 */
export const ALLOWED = [];
