/** The official SDK's clients. That of 2026-07-28 is installed with the suite. */
import {
  auth,
  Client,
  DpopSession,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { INFO, WITH_SESSIONS } from './sdk.mjs';

/** @type {readonly import('./sdk.mjs').Sdk[]} */
export const SDKS = [
  WITH_SESSIONS,
  {
    version: '2026-07-28',
    // At the suite's servers of extensions, which know no newer version, it speaks an older one.
    newClient: () => new Client(INFO, { versionNegotiation: { mode: 'auto' } }),
    newTransport: (url, options) => new StreamableHTTPClientTransport(url, options),
    finish: (transport, answer) => transport.finishAuth(answer),
    wantsSignIn: (error) => UnauthorizedError.isInstance(error),
    authorize: auth,
    newProofs: () => DpopSession.create(),
  },
];
