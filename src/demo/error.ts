import { RegateError } from '../domain/index.js';

export type DemoErrorCode =
  | 'already_running'
  | 'command_failed'
  | 'not_running'
  | 'part_ended'
  | 'part_not_ready'
  | 'port_in_use'
  | 'ports_invalid'
  | 'state_unreadable';

/** The demo could not be started, or broke down. */
export class DemoError extends RegateError<DemoErrorCode> {}
