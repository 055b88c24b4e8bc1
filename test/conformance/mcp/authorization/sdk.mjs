/** The official SDK's client of the versions with sessions, as one of the project's own dependencies. */
import { auth, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export const INFO = { name: 'conformance', version: '1' };

/**
 * @typedef {object} Sdk
 * @property {string} version of MCP, the newest that it speaks
 * @property {() => object} newClient not connected yet
 * @property {(url: URL, options: object) => object} newTransport
 * @property {(transport: object, answer: URLSearchParams) => Promise<void>} finish a sign-in, by what it came back with
 * @property {(error: unknown) => boolean} wantsSignIn whether an error says that somebody has to sign in
 * @property {(provider: object, options: object) => Promise<'AUTHORIZED' | 'REDIRECT'>} authorize
 * @property {() => Promise<object>} [newProofs] what binds a client's tokens to a key of its own (RFC 9449)
 */

/** @type {Sdk} */
export const WITH_SESSIONS = {
  version: '2025-11-25',
  newClient: () => new Client(INFO),
  newTransport: (url, options) => new StreamableHTTPClientTransport(url, options),
  finish: (transport, answer) => transport.finishAuth(answer.get('code')),
  wantsSignIn: (error) => error instanceof UnauthorizedError,
  authorize: auth,
};
