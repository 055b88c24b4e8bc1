import { RegateError } from '../domain/index.js';

export type ConfigErrorCode = 'not_found' | 'not_yaml' | 'invalid' | 'secret_missing';

/** One thing that is wrong with a configuration. No problem repeats a value, which may be a secret. */
export interface Problem {
  /** Where in the configuration, such as `gateway.upstreams[0].url`; empty for the whole. */
  readonly path: string;
  /** Line of the file, from 1. */
  readonly line?: number;
  readonly message: string;
  /** What was probably meant. */
  readonly suggestion?: string;
}

/** A configuration that cannot be used, with every problem that was found. */
export class ConfigError extends RegateError<ConfigErrorCode> {
  readonly problems: readonly Problem[];

  constructor(code: ConfigErrorCode, message: string, nextStep: string, problems: readonly Problem[]) {
    super(code, message, nextStep);
    this.problems = problems;
  }
}
