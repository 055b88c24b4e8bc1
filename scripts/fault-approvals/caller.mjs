import { setTimeout as wait } from 'node:timers/promises';

/** Between two tries. */
const PAUSE_MS = 10;
let tries = 0;

/**
 * @typedef {object} Call
 * @property {string} call its name, which is an argument: no other call is the same
 * @property {'hold' | 'return'} wait how its caller waits
 * @property {'json' | 'stream'} answer how the upstream answers it
 */

/**
 * Makes one call over and over, whatever happens to it, until the upstream's answer comes. Each try has an id of its own,
 * so that no two are the same message.
 *
 * @param {import('./installation.mjs').Installation} installation
 * @param {Call} call
 * @param {AbortSignal} signal gives up
 * @returns {Promise<string>} what the answer says
 * @throws where it was given up: what came of the last try
 */
export async function callUntilAnswered(installation, call, signal) {
  let last = 'nothing was tried';
  while (!signal.aborted) {
    try {
      const { result, error } = await tryOnce(installation, call, signal);
      if (result !== undefined) return result.content[0].text;
      last = `${error.code} ${error.message}`;
    } catch (broken) {
      last = `${broken.message} ${broken.cause?.message ?? ''}`;
    }
    await wait(PAUSE_MS);
  }
  throw new Error(`${call.call} got no answer: ${last}`);
}

async function tryOnce({ mcp, surroundings, steps }, call, signal) {
  tries += 1;
  const params = { name: 'work', arguments: call };
  const response = await fetch(mcp, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${await surroundings.token('agent', [])}`,
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: tries, method: 'tools/call', params }),
    signal,
  });
  if (!response.headers.get('Content-Type')?.startsWith('text/event-stream')) return response.json();
  const messages = [];
  for await (const message of messagesOf(response.body)) {
    if (message.method === 'notifications/message') steps.reached('answer begun');
    messages.push(message);
  }
  const answer = messages.find(({ id }) => id === tries);
  if (answer === undefined) throw new Error('the stream ended without an answer');
  return answer;
}

async function* messagesOf(body) {
  let text = '';
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const lines = text.split('\n');
    text = lines.pop();
    for (const line of lines) if (line.startsWith('data: ')) yield JSON.parse(line.slice(6));
  }
}
