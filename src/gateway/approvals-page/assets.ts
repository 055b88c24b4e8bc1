import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { Request, Response } from 'express';

/** What the browser's part was compiled to. */
const FOLDER = new URL('../../web/', import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

interface Asset {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
}

/** The page's files, by their names; read once. */
export class Assets {
  readonly #files: ReadonlyMap<string, Asset>;

  /** @throws Error where the page was not built */
  constructor() {
    const names = readdirSync(FOLDER).filter((name) => TYPES[extname(name)] !== undefined);
    this.#files = new Map(names.map((name) => [name, readAsset(name)]));
  }

  /** @returns whether there is such a file */
  send(name: string, request: Request, response: Response): boolean {
    const asset = this.#files.get(name);
    if (asset === undefined) return false;
    response.setHeader('ETag', asset.etag);
    response.setHeader('Cache-Control', 'no-cache'); // kept, but asked for each time: an update is there at once
    if (request.headers['if-none-match'] === asset.etag) response.status(304).end();
    else response.setHeader('Content-Type', asset.type).end(asset.bytes);
    return true;
  }
}

function readAsset(name: string): Asset {
  const bytes = readFileSync(new URL(name, FOLDER));
  const digest = createHash('sha256').update(bytes).digest('base64url');
  return { bytes, type: TYPES[extname(name)] ?? '', etag: `"${digest}"` };
}
