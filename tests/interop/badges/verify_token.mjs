// Verifies a VC-JWT with the keys its issuer publishes, then each status list it names, and reads its bit there.
const { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } = await import('jose');
const { gunzipSync } = await import('node:zlib');

const keys = createRemoteJWKSet(new URL(given.jwks));
const verified = async (token, issuer) => (await jwtVerify(token, keys, { algorithms: ['RS256'], issuer })).payload;
try {
  const badge = await verified(given.token);
  const bits = {};
  for (const entry of [badge.credentialStatus].flat()) {
    const answer = await fetch(entry.statusListCredential);
    const list = await verified(await answer.text(), badge.iss);
    const bytes = gunzipSync(Buffer.from(list.credentialSubject.encodedList.slice(1), 'base64url'));
    const index = Number(entry.statusListIndex);
    bits[list.credentialSubject.statusPurpose] = (bytes[index >> 3] >> (7 - (index & 7))) & 1;
  }
  tell({ header: decodeProtectedHeader(given.token), badge, bits, error: null });
} catch (error) {
  tell({ error: error.code ?? String(error) });
}
