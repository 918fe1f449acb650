// A real, certified OpenID provider (npm oidc-provider) with people from a file: for the tests and for a stack on
// one machine. Everything is set by the environment:
//
//   OIDC_PROVIDER_ISSUER    its own address as others reach it            http://127.0.0.1:9400
//   OIDC_PROVIDER_HOST      address to listen on                          127.0.0.1
//   OIDC_PROVIDER_PORT      port to listen on                             9400
//   OIDC_PROVIDER_CLIENTS   file: a list of clients with their redirects  clients.example.json
//   OIDC_PROVIDER_USERS     file: people with password, roles and sites   users.example.json
//   OIDC_PROVIDER_AUDIENCE  aud of the access tokens (JWT)                carejourney
//   OIDC_PROVIDER_KEYS      file: private JWKS, or an RSA key as PEM; made anew at each start without it
//   OIDC_PROVIDER_SECONDS   how long tokens live                          3600
//
// Its sessions are in memory: whoever restarts it signs everybody out here; tokens stay good while the key is kept in
// a file. Real clients need a real directory.
import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importPKCS8 } from 'jose';
import Provider from 'oidc-provider';
import { signInPages } from './pages.mjs';

const here = (name) => new URL(name, import.meta.url);
const json = (variable, example) => JSON.parse(readFileSync(process.env[variable] || here(example), 'utf8'));

const host = process.env.OIDC_PROVIDER_HOST || '127.0.0.1';
const port = Number(process.env.OIDC_PROVIDER_PORT || 9400);
const issuer = process.env.OIDC_PROVIDER_ISSUER || `http://${host}:${port}`;
const audience = process.env.OIDC_PROVIDER_AUDIENCE || 'carejourney';
const seconds = Number(process.env.OIDC_PROVIDER_SECONDS || 3600);
const users = json('OIDC_PROVIDER_USERS', 'users.example.json');

const ours = ({ roles = [], sites = [] }) => ({ roles, sites });
const api = {
  scope: 'openid profile carejourney',
  audience,
  accessTokenFormat: 'jwt',
  accessTokenTTL: seconds,
  jwt: { sign: { alg: 'RS256' } },
};

const provider = new Provider(issuer, {
  clients: json('OIDC_PROVIDER_CLIENTS', 'clients.example.json'),
  jwks: await keys(),
  cookies: { keys: [randomBytes(32).toString('hex')] },
  pkce: { methods: ['S256'], required: () => true },
  scopes: ['openid', 'profile', 'carejourney'],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], carejourney: ['roles', 'sites'] },
  conformIdTokenClaims: false,
  ttl: { AccessToken: seconds, IdToken: seconds, Session: 8 * 3600, Grant: 8 * 3600, Interaction: 600 },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true, logoutSource: leave },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => `urn:${audience}`,
      useGrantedResource: () => true,
      getResourceServerInfo: () => api,
    },
  },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  extraTokenClaims: (_, token) => (users[token.accountId] ? ours(users[token.accountId]) : undefined),
  findAccount: (_, id) => users[id] && {
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, name: users[id].name || id, ...ours(users[id]) }),
  },
  // The product is this provider's own: nobody is asked whether it may know who they are.
  loadExistingGrant: async ({ oidc }) => {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope('openid profile carejourney');
    grant.addResourceScope(`urn:${audience}`, 'openid profile carejourney');
    await grant.save();
    return grant;
  },
});

provider.proxy = true;
provider.use(signInPages(provider, users));
const server = provider.listen(port, host, () => console.log(`ready ${issuer}`));
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    server.closeAllConnections();
    server.close(() => process.exit(0));
  });
}

async function keys() {
  const text = process.env.OIDC_PROVIDER_KEYS && readFileSync(process.env.OIDC_PROVIDER_KEYS, 'utf8');
  if (text && !text.startsWith('-----BEGIN')) return JSON.parse(text);
  const extractable = { extractable: true };
  const key = text ? await importPKCS8(text, 'RS256', extractable) : (await generateKeyPair('RS256', extractable)).privateKey;
  const jwk = await exportJWK(key);
  return { keys: [{ ...jwk, use: 'sig', alg: 'RS256', kid: await calculateJwkThumbprint(jwk) }] };
}

// Whoever is sent here to sign out has asked for it already: the form needs no second question.
function leave(ctx, form) {
  ctx.body = `<!doctype html><html lang="en"><title>Sign out</title><h1>Sign out of ${ctx.host}?</h1>${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button></html>`;
}
