export * from './audit.js';
export * from './bundle.js';
export * from './corridor.js';
export * from './decision.js';
export * from './error.js';
export * from './json.js';
export * from './message.js';
export * from './principal.js';
