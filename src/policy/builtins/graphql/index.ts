export { GRAPHQL } from './graphql.js';
