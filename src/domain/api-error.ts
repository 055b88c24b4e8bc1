import { shapeCheck } from './shape.js';

const text = { type: 'string' } as const;

/** How the gateway's and the bundle server's own APIs word an error. */
export interface ApiError {
  readonly error: { readonly code: string; readonly message: string; readonly next_step: string };
}

export const isApiError = shapeCheck<ApiError>({
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'next_step'],
      properties: { code: text, message: text, next_step: text },
    },
  },
});
