import type { Message } from '../../src/domain/index.js';
import {
  decodeMessage,
  errorMessage,
  idToAnswer,
  initializeParams,
  readJson,
  toolCall,
} from '../../src/protocol/index.js';
import { bytesOf, type Given, readCases, refusalOf } from './cases.js';

const decoded = (given: Given) => decodeMessage(readJson(bytesOf(given)));

/** A message with the text of its nodes in place of their positions. */
function shown({ document, ...message }: Message): object {
  return {
    ...message,
    ...('params' in message && { params: message.params && document.text(message.params) }),
    ...('body' in message && { body: document.text(message.body) }),
  };
}

test.each(readCases<Given & { expected: object }>('envelope-accepted.json'))('decodes $name', (given) => {
  expect(shown(decoded(given))).toEqual(given.expected);
});

test.each(readCases<Given & { code: string; answer?: string }>('envelope-refused.json'))(
  'refuses $name as $code',
  (given) => {
    expect(refusalOf(() => decoded(given))?.code).toBe(given.code);
    expect(idToAnswer(readJson(bytesOf(given)))?.text).toBe(given.answer);
  },
);

test.each(
  readCases<Given & { reader: 'toolCall' | 'initializeParams'; expected?: object | null; code?: string }>(
    'params.json',
  ),
)('$reader: $name', (given) => {
  const message = decoded(given);
  const read = (): object | undefined => {
    if (given.reader === 'toolCall') {
      const call = toolCall(message);
      return call && { ...call, arguments: call.arguments && message.document.text(call.arguments) };
    }
    if (message.kind !== 'request') throw new Error('only a request introduces a client');
    return initializeParams(message);
  };
  if (given.code !== undefined) expect(refusalOf(read)?.code).toBe(given.code);
  else expect(read()).toEqual(given.expected ?? undefined);
});

describe('errorMessage', () => {
  test.each([
    [
      'without an id or data',
      errorMessage(undefined, -32700, 'm'),
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"m"}}',
    ],
    [
      'with an id as it was written, and data',
      errorMessage({ key: '"a"', text: '"\\u0061"' }, -31001, 'say "no"', { decision_id: 'd' }),
      '{"jsonrpc":"2.0","id":"\\u0061","error":{"code":-31001,"message":"say \\"no\\"","data":{"decision_id":"d"}}}',
    ],
  ])('%s', (_, bytes, expected) => {
    expect(bytes.toString()).toBe(expected);
    expect(decodeMessage(readJson(bytes)).kind).toBe('response');
  });
});
