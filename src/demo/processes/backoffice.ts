/** The demo's back office as a process of its own: `node backoffice.js STATE_DIRECTORY` */
import { join } from 'node:path';
import { startBackoffice } from '../backoffice/index.js';
import { readState } from '../state.js';
import { stopWithParent } from './parent.js';

const { directory, ports, secrets } = await readState(process.argv[2] ?? '');
// The variable serves to try a back office by hand; the demo's own demands the key that the gateway was given.
const key = process.env['BACKOFFICE_KEY'] ?? secrets.backoffice_key;
const backoffice = await startBackoffice(ports.backoffice, join(directory, 'backoffice'), key);
stopWithParent(backoffice.close);
