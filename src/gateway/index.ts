export { Correlation } from './correlation.js';
export type { GatewayParts, GatewaySettings, KnownUpstream } from './parts.js';
export { ListenError, listenOn, type RunningGateway, startGateway } from './server.js';
export { createShadow, type Shadow, type ShadowOptions } from './shadow.js';
export type { ShadowTotals } from './shadow-counts.js';
export type { SessionRecord, SessionStore } from './store.js';
export { ToolCatalog } from './tools.js';
