import { setTimeout as wait } from 'node:timers/promises';

const PAUSE_MS = 10;

/**
 * Agrees to whatever is asked, by way of the API, until it is ended. A vote that is not answered is cast again, if the
 * question is still open then.
 *
 * @param {import('./installation.mjs').Installation} installation
 */
export function keepApproving({ url, surroundings, steps }) {
  const ended = new AbortController();
  /** Approvals of which the gateway said that the vote counted. @type {string[]} */
  const approved = [];
  let trouble = 'none';

  async function ask(path, method) {
    const authorization = `Bearer ${await surroundings.token('approver', ['approvers'])}`;
    return fetch(`${url}/api/approvals${path}`, { method, headers: { authorization } });
  }

  async function look() {
    const { approvals = [] } = await (await ask('?state=pending', 'GET')).json();
    for (const { id } of approvals) {
      steps.reached('vote sent');
      const answer = await ask(`/${id}/approve`, 'POST');
      steps.reached('vote answered');
      const { state } = await answer.json();
      if (answer.ok && state === 'approved') approved.push(id);
      else trouble = `${id}: ${answer.status}`;
    }
  }

  async function run() {
    while (!ended.signal.aborted) {
      await look().catch((error) => {
        trouble = error.message;
      });
      await wait(PAUSE_MS);
    }
  }

  const running = run();
  return {
    approved,
    /** What went wrong last; each kill is among it. */
    trouble: () => trouble,
    async stop() {
      ended.abort();
      await running;
    },
  };
}
