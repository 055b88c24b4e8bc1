import { expect } from './expect.js';
import type { Step } from './step.js';
import type { Visit } from './visit.js';

const DENIED = -31001;

export const listStep: Step = {
  title: 'tools/list shows only what an identity could call',
  async walk(visit) {
    const agent = await toolNames(visit, 'support-agent');
    const oncall = await toolNames(visit, 'platform-oncall');
    expect(
      agent.includes('echo') && !agent.includes('get-env'),
      `support-agent is shown ${agent.join(', ')}`,
    );
    expect(oncall.includes('get-env'), `platform-oncall is shown ${oncall.join(', ')}`);
    return [
      { asked: 'everything: tools/list as support-agent', answered: agent.join(', ') },
      { asked: 'everything: tools/list as platform-oncall', answered: oncall.join(', ') },
    ];
  },
};

async function toolNames(visit: Visit, identity: 'support-agent' | 'platform-oncall'): Promise<string[]> {
  const client = await visit.client(identity, 'everything');
  return (await client.listTools()).tools.map(({ name }) => name);
}

export const byteForByteStep: Step = {
  title: 'An allowed call passes byte for byte',
  async walk(visit) {
    // Odd spacing, an escape that needs none, and a number that no double holds.
    const body =
      '{ "jsonrpc":"2.0",\t"id" : "odd", "method":"tools\\/call","params":{"_meta":{"n":9007199254740993.0},"name":"run_command","arguments":{"command":"echo \\u0068ello"}}}';
    const direct = await callDirectly(visit, body);
    const through = await callThroughGateway(visit, body);
    expect(
      through.equals(direct),
      `direct: ${direct.toString()} – through the gateway: ${through.toString()}`,
    );
    expect(direct.includes('"odd"'), `the answer is for another request: ${direct.toString()}`);
    return [
      {
        asked: body,
        answered: `${through.byteLength} bytes, the same as from the server itself: ${through.toString()}`,
      },
    ];
  },
};

const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'regate-tour', version: '1.0.0' },
  },
});

async function callThroughGateway(visit: Visit, body: string): Promise<Buffer> {
  const token = await visit.token('support-agent');
  return callIn((text, headers) => visit.post('backoffice', token, text, headers), body);
}

async function callDirectly(visit: Visit, body: string): Promise<Buffer> {
  const key = visit.state.secrets.backoffice_key;
  const post = (text: string, headers: Record<string, string>) =>
    fetch(visit.demo.upstreams.backoffice, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${key}`,
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: text,
    });
  return callIn(post, body);
}

async function callIn(
  post: (body: string, headers: Record<string, string>) => Promise<Response>,
  body: string,
): Promise<Buffer> {
  const opened = await post(INITIALIZE, {});
  await opened.arrayBuffer();
  const session = opened.headers.get('Mcp-Session-Id');
  const answer = await post(body, session === null ? {} : { 'Mcp-Session-Id': session });
  expect(answer.status === 200, `the call was answered with ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

export const deniedStep: Step = {
  title: 'A call that this role may not make',
  async walk(visit) {
    const { code, message } = await visit.mustFail(DENIED, 'support-agent', 'everything', 'get-env', {});
    return [{ asked: 'everything: get-env as support-agent', answered: `${code}: ${message}` }];
  },
};

export const commandStep: Step = {
  title: 'A command on the blocklist',
  async walk(visit) {
    const fine = await visit.mustPass('support-agent', 'backoffice', 'run_command', {
      command: 'echo hello',
    });
    const blocked = await visit.mustFail(DENIED, 'support-agent', 'backoffice', 'run_command', {
      command: 'rm -rf /',
    });
    const hidden = await visit.mustFail(DENIED, 'support-agent', 'backoffice', 'run_command', {
      command: 'echo $(rm -rf /)',
    });
    return [
      { asked: 'backoffice: run_command "echo hello"', answered: JSON.stringify(fine.content) },
      { asked: 'backoffice: run_command "rm -rf /"', answered: `${blocked.code}: ${blocked.message}` },
      { asked: 'backoffice: run_command "echo $(rm -rf /)"', answered: `${hidden.code}: ${hidden.message}` },
    ];
  },
};
