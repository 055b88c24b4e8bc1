/** The smallest valid image and sound: one red pixel, and a WAVE file of no samples. */
export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
export const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=';

/** @param {string} text */
export function textContent(text) {
  return { type: 'text', text };
}

export function imageContent() {
  return { type: 'image', data: PNG, mimeType: 'image/png' };
}

/**
 * @param {string} uri
 * @param {string} mimeType
 * @param {string} text
 */
export function embeddedText(uri, mimeType, text) {
  return { type: 'resource', resource: { uri, mimeType, text } };
}

/** @param {...object} content of a tool's result */
export function contentResult(...content) {
  return { content };
}

/** @param {...object} content one user message each */
export function promptResult(...content) {
  return { messages: content.map((one) => ({ role: 'user', content: one })) };
}
