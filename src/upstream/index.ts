export { answeredNonsense, brokeOff, UpstreamError, type UpstreamErrorCode } from './errors.js';
export { createHttpUpstream, type HttpUpstreamOptions, type Upstream } from './http.js';
