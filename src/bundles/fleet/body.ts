import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Request } from 'express';
import { describeThrown, systemErrorCode } from '../../domain/index.js';
import { readBounded } from '../bounded-body.js';
import { BundleError } from '../error.js';
import { malformed, ReportError, tooBig } from './error.js';

const inflate = promisify(gunzip);

/**
 * Reads a request's body, gzipped or plain, and stops where it exceeds a bound before or after it is inflated.
 *
 * @throws ReportError `report_too_big`, `report_malformed`, `encoding_unsupported`
 */
export async function readBody(request: Request, mostBytes: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') throw unsupported();
  const bounds = `${mostBytes} bytes`;
  const body = await readBounded(request.iterator({ destroyOnReturn: false }), mostBytes).catch(
    (thrown: unknown) => {
      throw thrown instanceof BundleError && thrown.code === 'archive_too_big' ? tooBig(bounds) : thrown;
    },
  );
  if (encoding === 'identity') return body;
  return inflate(body, { maxOutputLength: mostBytes }).catch((thrown: unknown) => {
    if (systemErrorCode(thrown) === 'ERR_BUFFER_TOO_LARGE') throw tooBig(bounds);
    throw malformed(`it is no gzip (${describeThrown(thrown)})`, thrown);
  });
}

function unsupported(): ReportError {
  return new ReportError(
    'encoding_unsupported',
    'its content coding is not known here',
    'Send it plain or with Content-Encoding: gzip.',
  );
}
