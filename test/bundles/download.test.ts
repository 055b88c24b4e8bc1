import type { RequestListener } from 'node:http';
import { type DownloadRequest, downloadBundle } from '../../src/bundles/download.js';
import { closeServers, serve } from './http.js';

afterEach(closeServers);

const TIMEOUTS = { answerMilliseconds: 100, bodyMilliseconds: 100 };
const LONG = { answerMilliseconds: 20_000, bodyMilliseconds: 20_000 };

async function download(listener: RequestListener, changes: Partial<DownloadRequest>, timeouts = TIMEOUTS) {
  const request = {
    url: (await serve(listener)).url,
    known: { active: '"one"', refused: undefined },
    waitSeconds: 0,
    closing: new AbortController().signal,
    ...changes,
  };
  return downloadBundle(request, timeouts);
}

test.each([
  ['never answers', () => undefined, { ...LONG, answerMilliseconds: 100 }],
  [
    'stops in the middle of a bundle',
    (_, response) => void response.writeHead(200).write('half'),
    { ...LONG, bodyMilliseconds: 100 },
  ],
] satisfies [string, RequestListener, typeof TIMEOUTS][])(
  'who %s is given up',
  async (_, listener, timeouts) => {
    await expect(download(listener, {}, timeouts)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('more than 100 ms'),
    });
  },
);

test('the wait that the server was allowed is no failure to answer', async () => {
  const late: RequestListener = (_, response) => {
    setTimeout(() => response.writeHead(304).end(), 500);
  };
  await expect(download(late, { waitSeconds: 20 })).resolves.toEqual({ kind: 'active' });
  await expect(download(late, { waitSeconds: 0 })).rejects.toMatchObject({ code: 'unreachable' });
});

test.each([
  ['application/vnd.openpolicyagent.bundles', true],
  ['application/vnd.openpolicyagent.bundles; charset=utf-8', false],
  ['application/gzip', false],
])('whether the server knows long polling is in its content type: %s', async (type, longPolling) => {
  const answer: RequestListener = (_, response) =>
    void response.writeHead(200, { 'Content-Type': type, ETag: '"two"' }).end('bytes');
  await expect(download(answer, {}, LONG)).resolves.toEqual({
    kind: 'new',
    archive: Buffer.from('bytes'),
    etag: '"two"',
    longPolling,
  });
});
