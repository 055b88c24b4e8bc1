import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { importScript } from '../scripts/project.js';

jest.setTimeout(120_000);

interface Installation {
  readonly mcp: string;
  readonly surroundings: {
    readonly runs: readonly { readonly call: string }[];
    token(subject: string, groups: readonly string[]): Promise<string>;
  };
  readonly steps: { next(step: string): Promise<void> };
  kill(): Promise<void>;
  restart(): void;
  close(): Promise<void>;
}

const { Installation } = await importScript<{ Installation: { start(): Promise<Installation> } }>(
  'fault-approvals/installation.mjs',
);
const { keepApproving } = await importScript<{
  keepApproving(installation: Installation): { stop(): Promise<void> };
}>('fault-approvals/approver.mjs');

interface Task {
  readonly taskId: string;
  readonly status: string;
  readonly statusMessage?: string;
}

let installation: Installation;
beforeAll(async () => {
  installation = await Installation.start();
});
afterAll(() => installation?.close());

async function ask(method: string, params: object): Promise<{ result: { task: Task } & Task }> {
  const response = await fetch(installation.mcp, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${await installation.surroundings.token('agent', [])}`,
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      'MCP-Protocol-Version': '2025-11-25',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return (await response.json()) as { result: { task: Task } & Task };
}

const begin = async (call: string) =>
  (
    await ask('tools/call', {
      name: 'work',
      arguments: { call, wait: 'task', answer: 'json' },
      task: { ttl: 60_000 },
    })
  ).result.task.taskId;

/** Polls until the task is over; a gateway that is dead is asked again. */
async function ended(taskId: string): Promise<Task> {
  for (;;) {
    const task = await ask('tasks/get', { taskId }).catch(() => undefined);
    if (task?.result !== undefined && task.result.status !== 'working') return task.result;
    await delay(20);
  }
}

test('a gateway that is killed knows its tasks afterwards, and runs none of them a second time', async () => {
  const waiting = await begin('asked for before');
  const approver = keepApproving(installation);
  try {
    expect(await ended(await begin('undisturbed'))).toMatchObject({ status: 'completed' });
    const running = await begin('killed while it runs');
    const begun = installation.steps.next('run begun');
    const end = ended(running);
    await begun;
    await installation.kill();
    installation.restart();
    const lost = await end;
    expect(lost).toMatchObject({ status: 'failed' });
    expect(lost.statusMessage).toContain('whether the call took effect is not known');
    expect(await ended(waiting)).toMatchObject({ status: 'completed' });
    const runs = installation.surroundings.runs.map(({ call }) => call);
    expect([...runs].sort()).toEqual(['asked for before', 'killed while it runs', 'undisturbed']);
  } finally {
    await approver.stop();
  }
});
