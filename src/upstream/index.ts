export type { UpstreamLog } from './connection.js';
export {
  type CredentialOptions,
  createSigner,
  type Signer,
  type SignerOptions,
} from './credentials/index.js';
export { answeredNonsense, brokeOff, UpstreamError, type UpstreamErrorCode } from './errors.js';
export type { HostingOptions } from './hosted.js';
export { createHttpUpstream, type HttpUpstreamOptions } from './http.js';
export { createSseUpstream, type SseUpstreamOptions } from './sse.js';
export { createStdioUpstream, type StdioUpstreamOptions } from './stdio.js';
export type { Upstream } from './upstream.js';
