import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** Between two calls to one gateway: what is measured is at most this, and a call's time, too long. */
const PAUSE_MS = 50;
const ANSWER_MS = 5_000;

/**
 * Calls a gateway without end: in turns a tool that policy allows, and one whose refusal says which bundle is in force.
 *
 * @param {string} url
 * @param {string} token
 */
export function keepCalling(url, token) {
  const agent = new Agent({ keepAlive: true });
  const ended = new AbortController();
  const failures = [];
  /** By the number of a bundle, when the first decision by it was had. */
  const firstDecided = new Map();
  let calls = 0;

  async function call(name) {
    const params = { name, arguments: {} };
    const { status, body } = await post(url, agent, token, {
      jsonrpc: '2.0',
      id: calls,
      method: 'tools/call',
      params,
    });
    const { result, error } = JSON.parse(body);
    if (name === 'work') {
      if (status !== 200 || result === undefined) throw new Error(`an allowed call got ${status} ${body}`);
      return;
    }
    const number = /^generation_(\d+)$/.exec(error?.data?.reasons?.[0]?.code)?.[1];
    if (number === undefined) throw new Error(`a refused call got ${status} ${body}`);
    if (!firstDecided.has(Number(number))) firstDecided.set(Number(number), performance.now());
  }

  async function run() {
    while (!ended.signal.aborted) {
      calls += 1;
      await call(calls % 2 === 0 ? 'work' : 'generation').catch((error) => failures.push(error.message));
      await wait(PAUSE_MS);
    }
    agent.destroy();
  }

  const running = run();
  return {
    failures,
    firstDecided,
    calls: () => calls,
    async stop() {
      ended.abort();
      await running;
    },
  };
}

function post(url, agent, token, message) {
  return new Promise((resolve, reject) => {
    const headers = {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
    };
    const asked = request(url, { method: 'POST', agent, headers, timeout: ANSWER_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode, body }));
      response.on('error', reject);
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer in ${ANSWER_MS} ms`)));
    asked.on('error', reject);
    asked.end(JSON.stringify(message));
  });
}
