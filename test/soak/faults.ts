import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** Repeatable chance (mulberry32), so that a run that failed can be run again. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const JSON_TYPE = { 'Content-Type': 'application/json' };
const SSE_TYPE = { 'Content-Type': 'text/event-stream' };
const note = (text: string) =>
  `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: text } })}\n\n`;

/** What a server may do to an answer: honest ways and ways to fail. `answer` is the JSON text of the right one. */
export const BEHAVIORS: Record<
  string,
  (response: ServerResponse, answer: string, random: () => number) => Promise<void> | void
> = {
  json: (response, answer) => void response.writeHead(200, JSON_TYPE).end(answer),
  json_in_pieces: (response, answer, random) => inPieces(response.writeHead(200, JSON_TYPE), answer, random),
  stream: (response, answer) =>
    void response.writeHead(200, SSE_TYPE).end(`${note('one')}${note('two')}data: ${answer}\n\n`),
  stream_in_pieces: (response, answer, random) =>
    inPieces(response.writeHead(200, SSE_TYPE), `: hello\n\n${note('one')}data: ${answer}\n\n`, random),
  closed_before_headers: (response) => void response.destroy(),
  dies_in_json: (response, answer) =>
    void response
      .writeHead(200, { ...JSON_TYPE, 'Content-Length': answer.length })
      .write(answer.slice(0, -5), () => response.destroy()),
  dies_in_stream: (response, answer) =>
    void response
      .writeHead(200, SSE_TYPE)
      .write(`${note('one')}data: ${answer.slice(0, 10)}`, () => response.destroy()),
  ends_without_answer: (response) => void response.writeHead(200, SSE_TYPE).end(note('one')),
  fails: (response) => void response.writeHead(500).end('oops'),
  talks_nonsense: (response) => void response.writeHead(200, JSON_TYPE).end('<html>'),
};

async function inPieces(response: ServerResponse, text: string, random: () => number): Promise<void> {
  let rest = text;
  while (rest !== '' && !response.destroyed) {
    const length = 1 + Math.floor(random() * 40);
    response.write(rest.slice(0, length));
    rest = rest.slice(length);
    if (random() < 0.2) await pause(1);
  }
  response.end();
}
