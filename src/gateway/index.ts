export { shownToAll } from './approvals-api/shown.js';
export { ApprovalsPage, type ApprovalsPageOptions } from './approvals-page/page.js';
export type { PossessionSettings, RequiredBinding } from './binding.js';
export { Correlation } from './correlation.js';
export { LiveExchanges, type RevocationParts } from './live.js';
export type { GatewayParts, GatewaySettings, KnownUpstream } from './parts.js';
export { learnedPins } from './pinning/learned.js';
export { PinsError, pinsIn } from './pinning/settings.js';
export { type ToolStanding, toolStandings } from './pinning/standing.js';
export { Places, type Room } from './places.js';
export { type GatewayListening, ListenError, listenOn, type RunningGateway, startGateway } from './server.js';
export { createShadow, type Shadow, type ShadowOptions } from './shadow.js';
export type { ShadowTotals } from './shadow-counts.js';
export type { SlackParts } from './slack-api.js';
export type {
  ListedDefinition,
  ListedTask,
  PageSessionRecord,
  PageSessionStore,
  SessionRecord,
  SessionStore,
  ShownOtherwise,
  TaskCaps,
  TaskRecord,
  TaskState,
  TaskStore,
  ToolDefinition,
  ToolStore,
} from './store.js';
export { TlsError, type TlsListening } from './tls.js';
export { ToolCatalog } from './tools.js';
export { type TrustedProxies, trustedProxies } from './trusted-proxies.js';
export { pageOf } from './wait/answers.js';
export type { WaitTimes } from './wait/times.js';
export { endWhatIsRevoked, whyRevokedBy } from './withdraw.js';
