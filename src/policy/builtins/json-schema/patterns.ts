import { RE2JS, RE2JSException } from 're2js';

/** Undefined where it is no expression of RE2, whose matching takes linear time. */
export function compilePattern(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}
