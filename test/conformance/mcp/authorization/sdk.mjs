/** The official SDK's clients, each of its own versions of MCP. */
import * as second from '@modelcontextprotocol/client';
import { auth, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const INFO = { name: 'conformance', version: '1' };

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

/** @type {readonly Sdk[]} */
export const SDKS = [
  {
    version: '2025-11-25',
    newClient: () => new Client(INFO),
    newTransport: (url, options) => new StreamableHTTPClientTransport(url, options),
    finish: (transport, answer) => transport.finishAuth(answer.get('code')),
    wantsSignIn: (error) => error instanceof UnauthorizedError,
    authorize: auth,
  },
  {
    version: '2026-07-28',
    // At the suite's servers of extensions, which know no newer version, it speaks an older one.
    newClient: () => new second.Client(INFO, { versionNegotiation: { mode: 'auto' } }),
    newTransport: (url, options) => new second.StreamableHTTPClientTransport(url, options),
    finish: (transport, answer) => transport.finishAuth(answer),
    wantsSignIn: (error) => second.UnauthorizedError.isInstance(error),
    authorize: second.auth,
    newProofs: () => second.DpopSession.create(),
  },
];
