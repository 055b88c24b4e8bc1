import { RegateError } from '../../domain/index.js';

/** What a door to people needs, and cannot work with as it is. */
export class DoorError extends RegateError<'secret_unusable'> {}
