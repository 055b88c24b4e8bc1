import type { TestResult, TestRun } from '../../bundles/index.js';
import { failureLines } from './failure.js';
import { byPackage, tally } from './tally.js';

/**
 * The report for continuous integration: JUnit's XML, in the elements and attributes of the schema that Jenkins
 * publishes. A test's time is that of both engines.
 */
export function junitReport({ results }: TestRun): string {
  const suites = [...byPackage(results)].map(([name, tests]) => suite(name, tests));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    element('testsuites', { name: 'regate test', ...counts(results) }, suites),
    '',
  ].join('\n');
}

function suite(name: string, tests: readonly TestResult[]): string {
  const skipped = String(tally(tests).skipped);
  return element('testsuite', { name, ...counts(tests), skipped }, tests.map(testcase));
}

function testcase(result: TestResult): string {
  const { package: classname, name, printed } = result;
  const output = printed === '' ? [] : [element('system-out', {}, [escaped(printed)])];
  return element('testcase', { name, classname, time: seconds([result]) }, [...outcome(result), ...output]);
}

function outcome(result: TestResult): string[] {
  const { state, file, line } = result;
  if (state === 'passed') return [];
  if (state === 'skipped') return [element('skipped', {}, [])];
  const lines = failureLines(result);
  const message = `${file}:${line}: ${lines[0] ?? state}`;
  return [element('failure', { type: state, message }, [escaped([message, ...lines.slice(1)].join('\n'))])];
}

/** A test that fails in any engine is a failure; JUnit's errors are of the one who runs tests. */
function counts(results: readonly TestResult[]): Record<string, string> {
  const { tests, failed, differ } = tally(results);
  return {
    tests: String(tests),
    failures: String(failed + differ),
    errors: '0',
    time: seconds(results),
  };
}

function seconds(results: readonly TestResult[]): string {
  const { opaMilliseconds, wasmMilliseconds } = tally(results);
  return ((opaMilliseconds + wasmMilliseconds) / 1000).toFixed(6);
}

function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  content: readonly string[],
): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  const start = `<${name}${written.join('')}`;
  return content.length === 0 ? `${start}/>` : `${start}>${content.join('')}</${name}>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // In attributes a reader takes these for spaces, and a return for a line's end everywhere.
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

/** Text for an element or an attribute. What XML 1.0 cannot hold at all (section 2.2) becomes U+FFFD. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"\n\r\t]/g, (character) => ENTITIES[character] ?? character);
}
