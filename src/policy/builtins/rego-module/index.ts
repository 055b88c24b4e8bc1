export { REGO_MODULE } from './rego-module.js';
