export { refundsFile } from './refunds.js';
export { startBackoffice } from './server.js';
