import { expect } from './expect.js';
import type { Step } from './step.js';

const SECRETS = [
  '4111 1111 1111 1111',
  '4111111111111111',
  '5555555555554444',
  'ada.lindqvist@example.com',
  'bruno@example.org',
];

export const maskedJsonStep: Step = {
  title: 'A JSON answer with a card number and an e-mail address',
  async walk(visit) {
    const result = await visit.mustPass('support-agent', 'backoffice', 'find_customer', { query: 'ada' });
    const text = JSON.stringify(result);
    expectClean(text);
    expect(
      JSON.stringify(result.structuredContent).includes('1111'),
      `the last four digits should have stayed: ${text}`,
    );
    return [
      {
        asked: 'backoffice: find_customer "ada", structuredContent',
        answered: JSON.stringify(result.structuredContent),
      },
      { asked: 'the text twin of the same answer', answered: JSON.stringify(result.content) },
    ];
  },
};

export const maskedStreamStep: Step = {
  title: 'The same in a streamed answer (SSE), event by event',
  async walk(visit) {
    const token = await visit.token('support-agent');
    const client = await visit.client('support-agent', 'backoffice');
    const session = client.transport?.sessionId;
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 'export',
      method: 'tools/call',
      params: { name: 'export_customers', arguments: {}, _meta: { progressToken: 'export' } },
    });
    const response = await visit.post(
      'backoffice',
      token,
      body,
      session === undefined ? {} : { 'Mcp-Session-Id': session },
    );
    const type = response.headers.get('Content-Type') ?? '';
    expect(type.startsWith('text/event-stream'), `the answer should have been a stream, not ${type}`);
    const text = await response.text();
    expectClean(text);
    const events = text.split(/\n\n/).filter((event) => event.includes('data:'));
    expect(events.length > 2, `the stream should have had events before its result: ${text}`);
    return [
      {
        asked: 'backoffice: export_customers over SSE',
        answered: `${events.length} events, the first: ${events[0]?.replaceAll('\n', ' ⏎ ')}`,
      },
    ];
  },
};

function expectClean(text: string): void {
  const leaked = SECRETS.filter((secret) => text.includes(secret));
  expect(leaked.length === 0, `${leaked.length} values came through unmasked`);
}
