/**
 * Tests are written against `src` and run on the built program in `dist`: what is tested is what ships, its
 * worker threads and child processes included. Only the test files themselves are transformed.
 * @type {import('jest').Config}
 */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022' }, module: { type: 'es6' } }] },
  moduleNameMapper: {
    // With what they log and keep recorded: test/output.
    '^(winston|libsql)$': '<rootDir>/test/output/$1.cjs',
    '^(?:\\.{1,2}/)+src/(.*)$': '<rootDir>/dist/$1',
    '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1.ts'],
  },
  setupFilesAfterEnv: ['<rootDir>/test/output/begins.ts'],
  testTimeout: 30_000,
  // Most tests wait for processes of their own: by default one processor would be left idle, which is half of two.
  maxWorkers: '100%',
};
