import { RE2JS } from 're2js';
import { describeThrown } from '../domain/index.js';
import { MaskingError } from './error.js';
import type { Span } from './span.js';

/**
 * RE2 finds one match in linear time, but finding all can cost the square of the text where each search reads far
 * beyond its match (`a.*b|a`): what one mask may take on one message ends here, in milliseconds.
 */
const BUDGET_MS = 1_000;

/**
 * Compiles an RE2 expression to a function that finds its matches, empty ones left out.
 *
 * @throws MaskingError `pattern_invalid`; the function it returns throws `pattern_timeout`
 */
export function compilePattern(pattern: string): (text: string) => Span[] {
  const expression = parse(pattern);
  let spent = 0;
  return (text) => {
    const found: Span[] = [];
    const matcher = expression.matcher(text);
    const started = performance.now();
    while (matcher.find()) {
      const [start, end] = [matcher.start(), matcher.end()];
      if (end > start) found.push({ start, end });
      if (spent + performance.now() - started > BUDGET_MS) throw timeout(pattern);
    }
    spent += performance.now() - started;
    return found;
  };
}

function parse(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (thrown) {
    throw new MaskingError(
      'pattern_invalid',
      `the mask pattern ${JSON.stringify(pattern)} is no RE2 expression: ${describeThrown(thrown)}`,
      'Correct the pattern in the policy; RE2 has no look-around and no back references.',
      thrown,
    );
  }
}

function timeout(pattern: string): MaskingError {
  return new MaskingError(
    'pattern_timeout',
    `the mask pattern ${JSON.stringify(pattern)} took more than ${BUDGET_MS} ms on one message`,
    'Write a pattern that reads little beyond its match, or mask a narrower path.',
  );
}
