import { AuditReceipt, CorridorError, Identified, Permit } from '../../src/domain/index.js';
import { call, errorOf, Harness } from './harness.js';

let harness: Harness;
let sessions = 0;
let headers: Record<string, string>;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.close());
beforeEach(async () => {
  headers = await session('2025-03-26');
  harness.seen.length = 0;
});

async function session(version: string): Promise<Record<string, string>> {
  const id = `batching-${++sessions}`;
  await harness.openSession(id, { asking: version, getting: version });
  return { 'Mcp-Session-Id': id };
}

const NOTE = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
const DENIED_NOTE =
  '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1,"data":"refused"}}';
const LOG = (text: string) =>
  `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"${text}"}}`;
const text = (name: string, id: string | number) => JSON.stringify(call(name, {}, id));
const result = (id: string | number, content = '') =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"content":[${content === '' ? '' : `{"type":"text","text":"${content}"}`}]}}`;
const array = (...members: string[]) => `[${members.join(',')}]`;
const post = (...members: string[]) => harness.post(array(...members), headers);
const forwarded = () => harness.seen.map(({ body }) => body);

type Told = {
  id: unknown;
  result?: unknown;
  error?: { code: number; message: string; data: { approval?: { id: string } } };
};
const told = async (response: Response) => (await response.json()) as Told[];
const codes = (answers: Told[]) => answers.map(({ id, error }) => [id, error?.code]);

function answerEvents(...events: string[]): void {
  harness.script((response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.end(events.map((event) => `${event}\n\n`).join(''));
  });
}

/** The data of each event. */
const eventsOf = async (response: Response) =>
  (await response.text())
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => event.replace(/^(event|id): .*\n/gm, '').replace(/^data: /, ''));

describe('on the way to the upstream', () => {
  test('members go byte for byte, as one array; answers come in the order of the requests', async () => {
    const odd = '{ "id" : "\\u0061" ,"method":"ping", "jsonrpc":"2.0", "x": 1.0e2 }';
    harness.answerJson(array(result(2), '{"id":"a","result":{ },"jsonrpc":"2.0"}'));
    const response = await harness.post(`[ ${odd} ,\n${NOTE},${text('echo', 2)} ]`, headers);
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('application/json');
    expect(await response.text()).toBe(array('{"id":"a","result":{ },"jsonrpc":"2.0"}', result(2)));
    expect(forwarded()).toEqual([array(odd, NOTE, text('echo', 2))]);
  });

  test('denied, held and malformed members are answered by the gateway, the others pass', async () => {
    harness.answerJson(array(result(1), result(6)));
    const response = await post(
      text('echo', 1),
      text('refused', 2),
      text('held', 3),
      '{"jsonrpc":"1.0","id":4,"method":"ping"}',
      '{"jsonrpc":"2.0","id":5,"method":"Tools/Call"}',
      text('secretive', 6).replace('{}', '{"to":"ada@example.com"}'),
      '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":7}}',
      '[]',
      '7',
      DENIED_NOTE,
    );
    expect(response.status).toBe(200);
    expect(codes(await told(response))).toEqual([
      [1, undefined],
      [2, -31001],
      [3, -31002],
      [4, -32600],
      [5, -32601],
      [6, undefined],
      [7, -32602],
      [null, -32600],
      [null, -32600],
    ]);
    const masked = text('secretive', 6).replace('{}', '{"to":"[redacted:email]"}');
    expect(forwarded()).toEqual([array(text('echo', 1), masked)]);
  });

  test('each member is decided and recorded by itself, by one revision; the header names the first decision', async () => {
    const before = (await harness.decisions()).length;
    harness.answerJson(array(result(2)));
    const response = await post(text('refused', 1), text('echo', 2), NOTE);
    const decisions = (await harness.decisions()).slice(before);
    expect(decisions.map(({ direction, effect }) => [direction, effect])).toEqual([
      ['to_server', 'deny'],
      ['to_server', 'allow'],
      ['to_server', 'allow'],
      ['to_client', 'allow'],
    ]);
    expect(new Set(decisions.map(({ exchange_id }) => exchange_id)).size).toBe(1);
    expect(new Set(decisions.map(({ revision }) => JSON.stringify(revision))).size).toBe(1);
    expect(response.headers.get('Regate-Decision-Id')).toBe(decisions[0]?.decision_id);
    expect((await told(response))[0]?.error?.data).toMatchObject({ decision_id: decisions[0]?.decision_id });
  });

  test('where nothing may pass nothing is forwarded', async () => {
    const response = await post(text('refused', 1), DENIED_NOTE);
    expect(codes(await told(response))).toEqual([[1, -31001]]);
    expect(forwarded()).toEqual([]);
  });

  test('a batch of notifications is accepted, and 403 where one of them was refused', async () => {
    harness.script((response) => void response.writeHead(202).end());
    const accepted = await post(NOTE, NOTE);
    expect([accepted.status, await accepted.text()]).toEqual([202, '']);
    const refused = await post(NOTE, DENIED_NOTE);
    expect(refused.status).toBe(403);
    expect(codes(await told(refused))).toEqual([[null, -31001]]);
    expect(forwarded()).toEqual([array(NOTE, NOTE), array(NOTE)]);
  });

  test('an answer that nobody asked for does not go along', async () => {
    harness.answerJson(array(result(1)));
    const response = await post(text('echo', 1), result(99));
    expect(codes(await told(response))).toEqual([[1, undefined]]);
    expect(forwarded()).toEqual([array(text('echo', 1))]);
  });

  test('a member that names another version is refused', async () => {
    harness.answerJson(array(result(2)));
    const other =
      '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}';
    expect(codes(await told(await post(other, text('echo', 2))))).toEqual([
      [1, -32020],
      [2, undefined],
    ]);
  });

  test('a header that repeats a message must be true of each member', async () => {
    harness.answerJson(array(result(1)));
    const response = await harness.post(array(text('echo', 1), text('other', 2)), {
      ...headers,
      'Mcp-Method': 'tools/call',
      'Mcp-Name': 'echo',
    });
    expect(codes(await told(response))).toEqual([
      [1, undefined],
      [2, -32020],
    ]);
  });

  test('a held member passes once it is approved, and only once', async () => {
    const held = array(text('held', 1), text('echo', 2));
    harness.answerJson(array(result(2)));
    const [first] = await told(await harness.post(held, headers));
    const { approval } = first?.error?.data ?? {};
    const { id } = approval ?? {};
    const approver = await harness.token({ sub: 'alice', client_id: 'page', groups: ['approvers'] });
    const Authorization = `Bearer ${approver}`;
    await harness.fetch('POST', '{}', { Authorization }, `/api/approvals/${id}/approve`);
    harness.answerJson(array(result(1), result(2)));
    expect(codes(await told(await harness.post(held, headers)))).toEqual([
      [1, undefined],
      [2, undefined],
    ]);
    expect(codes(await told(await harness.post(held, headers)))[0]).toEqual([1, -31002]);
    expect(forwarded()).toEqual([array(text('echo', 2)), held, array(text('echo', 2))]);
  });

  test.each([
    ['an empty batch', array()],
    ['the same id twice', array(text('echo', 1), NOTE, text('echo', 1))],
    ['the same id twice, escaped', array(text('echo', 'a'), text('echo', 'a').replace('"a"', '"\\u0061"'))],
    ['an id again on what is no message', array(text('echo', 1), '{"id":1,"method":"ping"}')],
    [
      'initialize inside',
      array(
        text('echo', 1),
        '{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}',
      ),
    ],
    ['too many members', array(...Array.from({ length: 101 }, (_, id) => text('echo', id)))],
  ])('%s is refused as a whole', async (_, body) => {
    const response = await harness.post(body, headers);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ id: null, error: { code: -32600 } });
    expect(forwarded()).toEqual([]);
  });

  test('as many members as may be pass', async () => {
    const ids = Array.from({ length: 100 }, (_, id) => id);
    harness.answerJson(array(...ids.map((id) => result(id))));
    const answers = await told(await post(...ids.map((id) => text('echo', id))));
    expect(codes(answers)).toEqual(ids.map((id) => [id, undefined]));
  });

  test.each(['2024-11-05', '2025-06-18', '2025-11-25'])(
    'in a session of %s there are none',
    async (version) => {
      const response = await harness.post(array(text('echo', 1)), await session(version));
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ id: null, error: { code: -32600 } });
      expect(forwarded().some((body) => body.startsWith('['))).toBe(false);
    },
  );

  test('in 2026-07-28 there are none', async () => {
    const response = await harness.post(array(text('echo', 1)), { 'MCP-Protocol-Version': '2026-07-28' });
    expect(response.status).toBe(400);
    expect(forwarded()).toEqual([]);
  });
});

describe('an answer in JSON', () => {
  test('one message that is no array is one answer', async () => {
    harness.answerJson(result(1));
    expect(await (await post(text('echo', 1))).text()).toBe(array(result(1)));
  });

  test('each is judged: masked, denied', async () => {
    harness.answerJson(array(result(1, 'to ada@example.com'), result(2, 'refused'), result(3)));
    const answers = await told(await post(text('echo', 1), text('echo', 2), text('echo', 3)));
    expect(answers[0]?.result).toEqual({ content: [{ type: 'text', text: 'to [redacted:email]' }] });
    expect(codes(answers)).toEqual([
      [1, undefined],
      [2, -31001],
      [3, undefined],
    ]);
  });

  test('what is missing, foreign, doubled, misshapen or no answer becomes one error for each request', async () => {
    harness.answerJson(
      array(
        result(1, 'first'),
        result(1, 'second'),
        result(99, 'foreign'),
        '{"jsonrpc":"2.0","id":3,"result":{"content":"misshapen"}}',
        '{"jsonrpc":"1.0","id":4,"result":{"content":[]}}',
        LOG('unasked'),
      ),
    );
    const response = await post(text('echo', 1), text('echo', 2), text('echo', 3), text('echo', 4));
    const body = await response.text();
    expect(codes(JSON.parse(body) as Told[])).toEqual([
      [1, undefined],
      [2, -32603],
      [3, -32603],
      [4, -32603],
    ]);
    expect(body).toContain('first');
    for (const hidden of ['second', 'foreign', 'misshapen', 'unasked']) expect(body).not.toContain(hidden);
  });

  test.each([
    ['is no JSON', 200, '[', 502],
    ['is an empty array', 200, '[]', 502],
    ['is a failure', 500, array(result(1)), 502],
    [
      'says that the session is unknown',
      404,
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"gone"}}',
      404,
    ],
  ])('an answer that %s becomes an error for each request', async (_, status, body, expected) => {
    harness.answerJson(body, status);
    const response = await post(text('echo', 1), text('refused', 2), text('echo', 3));
    expect(response.status).toBe(expected);
    expect(codes(await told(response))).toEqual([
      [1, -32603],
      [2, -31001],
      [3, -32603],
    ]);
  });

  test('an upstream that breaks off is an error for each request, and one where there is none', async () => {
    harness.script((response) => void response.destroy());
    expect(codes(await told(await post(text('echo', 1), NOTE)))).toEqual([[1, -32603]]);
    const response = await post(NOTE);
    expect(response.status).toBe(502);
    expect(codes(await told(response))).toEqual([[null, -32603]]);
  });

  test('a request of the server in place of an answer is declined', async () => {
    harness.script((response, { body }) => {
      if (!body.startsWith('[')) {
        response.writeHead(202).end();
        return;
      }
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(array('{"jsonrpc":"2.0","id":9,"method":"roots/list"}', result(1)));
    });
    expect(codes(await told(await post(text('echo', 1))))).toEqual([[1, undefined]]);
    expect(forwarded()[1]).toContain('"id":9,"error":{"code":-32603');
  });
});

describe('an answer as a stream', () => {
  test("events of single messages and of arrays pass byte for byte, the gateway's own errors before them", async () => {
    answerEvents(`data: ${LOG('a')}`, `id: 7\ndata: ${array(result(3), LOG('b'))}`, `data: ${result(1)}`);
    const response = await post(text('echo', 1), text('refused', 2), text('echo', 3));
    expect(response.headers.get('Content-Type')).toBe('text/event-stream');
    const [denied, ...passed] = (await response.text()).split('\n\n');
    expect(denied).toContain('"id":2,"error":{"code":-31001');
    expect(passed.join('\n\n')).toBe(
      `data: ${LOG('a')}\n\nid: 7\ndata: ${array(result(3), LOG('b'))}\n\ndata: ${result(1)}\n\n`,
    );
  });

  test('an array keeps what may pass; what may not becomes an event of its own where somebody waits', async () => {
    answerEvents(
      `id: 7\ndata: ${array(result(1, 'to ada@example.com'), LOG('refused'), result(2, 'refused'), result(99))}`,
    );
    const events = await eventsOf(await post(text('echo', 1), text('echo', 2)));
    expect(events).toHaveLength(2);
    expect(events[0]).toBe(array(result(1, 'to [redacted:email]')));
    expect(JSON.parse(events[1] ?? '')).toMatchObject({ id: 2, error: { code: -31001 } });
  });

  test('an array of which nothing may pass is left out', async () => {
    answerEvents(`data: ${array(LOG('refused'))}`, `data: ${result(1)}`);
    expect(await eventsOf(await post(text('echo', 1)))).toEqual([result(1)]);
  });

  test.each([
    ['without all answers', [`data: ${result(1)}`]],
    ['with what is no JSON', [`data: ${result(1)}`, 'data: nonsense']],
    ['with an empty array', [`data: ${result(1)}`, 'data: []', `data: ${result(2)}`]],
    ['with the answer to another request', [`data: ${result(1)}`, `data: ${result(99)}`]],
    ['with one answer twice', [`data: ${result(1)}`, `data: ${result(1)}`]],
  ])('a stream that ends %s ends with one error for each that waits', async (_, events) => {
    answerEvents(...events);
    const [first, ...errors] = await eventsOf(await post(text('echo', 1), text('echo', 2), text('echo', 3)));
    expect(first).toBe(result(1));
    expect(codes(errors.map((event) => JSON.parse(event) as Told))).toEqual([
      [2, -32603],
      [3, -32603],
    ]);
  });

  test('what the stream of a batch leaves unanswered may come on the one that resumes it', async () => {
    answerEvents(`id: 1\ndata: ${result(1)}`);
    expect(await eventsOf(await post(text('echo', 1), text('echo', 2)))).toEqual([result(1)]);
    answerEvents(`data: ${result(2)}`);
    const resumed = await harness.fetch('GET', undefined, { ...headers, 'Last-Event-ID': '1' });
    expect(await eventsOf(resumed)).toEqual([result(2)]);
    answerEvents(`data: ${result(1)}`);
    const again = await harness.fetch('GET', undefined, { ...headers, 'Last-Event-ID': '1' });
    expect(await eventsOf(again)).toEqual([]);
  });

  test('the server asks in an array, and is answered in one', async () => {
    const asked = '{"jsonrpc":"2.0","id":5,"method":"roots/list"}';
    answerEvents(`data: ${array(asked)}`, `data: ${result(1)}`);
    expect(await eventsOf(await post(text('echo', 1)))).toEqual([array(asked), result(1)]);
    harness.script((response) => void response.writeHead(202).end());
    const roots = '{"jsonrpc":"2.0","id":5,"result":{"roots":[]}}';
    expect((await post(roots)).status).toBe(202);
    expect((await post(roots)).status).toBe(403);
    expect(forwarded().slice(1)).toEqual([array(roots)]);
  });

  test('a request of the server that policy refuses is declined', async () => {
    const sampling =
      '{"jsonrpc":"2.0","id":8,"method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}}';
    harness.script((response, { body }) => {
      if (!body.startsWith('[')) {
        response.writeHead(202).end();
        return;
      }
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.end(`data: ${array(sampling, result(1))}\n\n`);
    });
    expect(await eventsOf(await post(text('echo', 1)))).toEqual([array(result(1))]);
    expect(forwarded()[1]).toContain('"id":8,"error":{"code":-31001');
  });
});

describe('an array in an event of another stream', () => {
  const ASKED = '{"jsonrpc":"2.0","id":5,"method":"roots/list"}';
  const listen = (own = headers) => harness.fetch('GET', undefined, own);
  const ask = () => harness.post(text('echo', 1), headers);

  test.each([
    ['a GET', listen, []],
    ['a single request', ask, [`data: ${result(1)}`]],
  ])('of %s passes byte for byte, and is answered in one', async (_, open, rest) => {
    const event = `id: 7\nretry: 10\ndata: [ ${ASKED} , ${LOG('a')}]`;
    answerEvents(event, ...rest);
    // Between its members an array is written anew.
    const passed = `id: 7\nretry: 10\ndata: ${array(ASKED, LOG('a'))}`;
    expect(await (await open()).text()).toBe([passed, ...rest].map((one) => `${one}\n\n`).join(''));
    harness.script((response) => void response.writeHead(202).end());
    expect((await post('{"jsonrpc":"2.0","id":5,"result":{"roots":[]}}')).status).toBe(202);
  });

  test('keeps what may pass, each judged by itself, and its id', async () => {
    const sampling =
      '{"jsonrpc":"2.0","id":8,"method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}}';
    harness.script((response, { method }) => {
      if (method === 'POST') return void response.writeHead(202).end();
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.end(
        `id: 7\ndata: ${array(LOG('refused'), sampling, LOG('to ada@example.com'), '{"jsonrpc":"1.0"}', result(9))}\n\n`,
      );
    });
    const before = (await harness.decisions()).length;
    expect(await (await listen()).text()).toBe(`id: 7\ndata: ${array(LOG('to [redacted:email]'))}\n\n`);
    expect((await harness.decisions()).slice(before).map(({ effect }) => effect)).toEqual([
      'deny',
      'deny',
      'allow',
    ]);
    expect(forwarded()[1]).toContain('"id":8,"error":{"code":-31001');
  });

  test('may hold the answer to the request, and one that is resumed', async () => {
    answerEvents(`id: 1\ndata: ${LOG('a')}`);
    await (await ask()).text();
    answerEvents(`data: ${array(LOG('b'), result(1))}`);
    expect(await eventsOf(await listen({ ...headers, 'Last-Event-ID': '1' }))).toEqual([
      array(LOG('b'), result(1)),
    ]);
    answerEvents(`data: ${array(result(1), LOG('c'))}`);
    expect(await eventsOf(await ask())).toEqual([array(result(1), LOG('c'))]);
  });

  test('a denied answer in it becomes an event of its own', async () => {
    answerEvents(`data: ${array(LOG('a'), result(1, 'refused'))}`);
    const [passed, denied, ...more] = await eventsOf(await ask());
    expect([passed, more]).toEqual([array(LOG('a')), []]);
    expect(JSON.parse(denied ?? '')).toMatchObject({ id: 1, error: { code: -31001 } });
  });

  test.each(['2024-11-05', '2025-06-18', '2025-11-25'])('is refused in %s', async (version) => {
    const own = await session(version);
    answerEvents(`data: ${array(LOG('a'))}`, `data: ${LOG('b')}`);
    expect(await eventsOf(await listen(own))).toEqual([]);
    answerEvents(`data: ${array(result(1))}`);
    const [error, ...more] = await eventsOf(await harness.post(text('echo', 1), own));
    expect(more).toEqual([]);
    expect(JSON.parse(error ?? '')).toMatchObject({ id: 1, error: { code: -32603 } });
  });

  test('a second answer to a request does not pass', async () => {
    answerEvents(`data: ${result(1, 'first')}`, `data: ${result(1, 'second')}`, `data: ${LOG('a')}`);
    expect(await eventsOf(await ask())).toEqual([result(1, 'first'), LOG('a')]);
  });
});

describe('when the audit cannot be written', () => {
  let broken: Harness;
  beforeEach(async () => {
    broken = await Harness.start();
  });
  afterEach(() => broken.close().catch(() => undefined));

  test('nothing is forwarded', async () => {
    await broken.store.close();
    const response = await broken.post(array(text('echo', 1)));
    expect([response.status, (await errorOf(response)).code]).toEqual([503, -31004]);
    expect(broken.seen).toEqual([]);
  });

  test.each([
    ['in JSON', 'application/json', array(result(1))],
    ['as a stream', 'text/event-stream', `data: ${array(result(1))}\n\n`],
  ])('nothing of an answer %s passes', async (_, type, body) => {
    broken.script(async (response) => {
      await broken.store.close();
      response.writeHead(200, { 'Content-Type': type }).end(body);
    });
    const response = await broken.post(array(text('echo', 1)));
    expect(await response.text()).not.toContain('"result"');
    expect(broken.seen).toHaveLength(1);
  });
});

describe('a permit for a batch', () => {
  const receipt = new AuditReceipt(1);
  const principalOf = (id: string) => ({ id }) as Identified['principal'];
  const session = { id: 's', protocol_version: '2025-03-26', client: { name: '', version: '' } };
  const arrivalOf = (method: 'POST' | 'GET') => ({
    exchangeId: 'e',
    upstream: { name: 'tools', labels: {} },
    method,
    headers: {},
  });
  const caller = new Identified(arrivalOf('POST'), principalOf('a'));
  const permit = (identified: Identified, body: string) =>
    Permit.forRefusal(identified, session, Buffer.from(body), receipt);

  test('joins the bodies in order', () => {
    const joined = Permit.forBatch([permit(caller, '{"a":1}'), permit(caller, '{}')]);
    expect(joined.body?.toString()).toBe('[{"a":1},{}]');
    expect([joined.method, joined.masked]).toEqual(['POST', false]);
  });

  test.each([
    ['nothing', []],
    [
      'two exchanges',
      [permit(caller, '{}'), permit(new Identified(arrivalOf('POST'), principalOf('a')), '{}')],
    ],
    [
      'what carries no message',
      [Permit.forSession(new Identified(arrivalOf('GET'), principalOf('a')), session, receipt)],
    ],
  ])('is not made of %s', (_, permits) => {
    expect(() => Permit.forBatch(permits)).toThrow(CorridorError);
  });
});
