import { type Revision, shapeCheck } from '../domain/index.js';

/** What is current in a channel now, as a bundle server answers a publication and a promotion. */
export interface Published extends Revision {
  readonly channel: string;
}

const STRING = { type: 'string' } as const;

export const isPublished = shapeCheck<Published>({
  type: 'object',
  required: ['bundle', 'revision', 'digest', 'channel'],
  properties: { bundle: STRING, revision: STRING, digest: STRING, channel: STRING },
});

/** Far more than such an answer ever has. */
export const PUBLISHED_BYTES = 64 * 1024;
