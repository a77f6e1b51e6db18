// Verifies a badge with its Data Integrity proof and its status, as the Learner Credential Wallet does.
const { verifyCredential } = await import('@digitalcredentials/verifier-core');

console.error = () => {};
console.log = () => {};
const found = await verifyCredential({ credential: given, knownDIDRegistries: [] });
const log = Object.fromEntries((found.log ?? []).map((step) => [step.id, step.valid ?? step.error?.name]));
tell({ log, errors: (found.errors ?? []).map((error) => error.name) });
