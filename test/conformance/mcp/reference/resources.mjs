/** The resources, under the addresses at which the suite reads them. */
import { ResourceTemplate } from '@modelcontextprotocol/server';
import { PNG } from './content.mjs';

/** @param {import('@modelcontextprotocol/server').McpServer} server */
export function registerResources(server) {
  const text = (uri, content) => ({ contents: [{ uri: uri.href, mimeType: 'text/plain', text: content }] });
  server.registerResource(
    'static-text',
    'test://static-text',
    { description: 'A text', mimeType: 'text/plain' },
    (uri) => text(uri, 'This is the content of the static text resource.'),
  );
  server.registerResource(
    'static-binary',
    'test://static-binary',
    { description: 'An image', mimeType: 'image/png' },
    (uri) => ({ contents: [{ uri: uri.href, mimeType: 'image/png', blob: PNG }] }),
  );
  server.registerResource(
    'watched-resource',
    'test://watched-resource',
    { description: 'A text to subscribe to', mimeType: 'text/plain' },
    (uri) => text(uri, 'Watched'),
  );
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { description: 'Data by id', mimeType: 'application/json' },
    (uri, { id }) => {
      const data = { id, templateTest: true, data: `Data for ID: ${id}` };
      return {
        contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify(data) }],
      };
    },
  );
}
