// Three certified OpenID providers on loopback ports, until standard input closes.
// First line of standard input: {"secret", "people": {key: {claims}}, "clients": {kind: {"redirect_uris": [], …}}}.
// First line of standard output: {kind: {"issuer", "client_id", "algorithm"}}.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { generateKeyPair, exportJWK } from 'jose';
import { Provider, interactionPolicy } from 'oidc-provider';

import franceconnect from './franceconnect.mjs';
import keycloak from './keycloak.mjs';
import proconnect from './proconnect.mjs';

const KINDS = { franceconnect, proconnect, keycloak };
const CLIENT_ID = 'abonde';
const LEAVE = '<button name="logout" value="yes">Log out</button></form>';

const privateKey = async (alg, kid) => {
  const { privateKey: key } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(key)), alg, kid, use: 'sig' };
};

// What every kind has: no refresh tokens, consent given beforehand, people known by their key.
const shared = (path, policy, features, people) => ({
  cookies: { keys: ['only for tests'] },
  // One `sub` may stand for two people, where a provider stands for several.
  subjectTypes: ['pairwise'],
  pairwiseIdentifier: (ctx, id) => people[id].sub,
  issueRefreshToken: () => false,
  pkce: { required: () => false },
  interactions: { policy, url: (ctx, interaction) => `${path}/people/${interaction.uid}` },
  features: {
    ...features,
    devInteractions: { enabled: false },
    rpInitiatedLogout: { enabled: true, logoutSource: (ctx, form) => { ctx.body = form.replace('</form>', LEAVE); } },
  },
  findAccount: (ctx, id) => people[id] && { accountId: id, claims: () => people[id] },
  loadExistingGrant: async (ctx) => {
    const { client, session, requestParamScopes } = ctx.oidc;
    const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope([...requestParamScopes].join(' '));
    await grant.save();
    return grant;
  },
  renderError: (ctx, out) => { ctx.type = 'json'; ctx.body = out; },
});

// The page where somebody says who they are: `account` logs in, `error` is sent back as the provider's answer.
const answerPeople = async (provider, people, acr, request, response) => {
  if (request.method === 'GET') {
    const buttons = Object.keys(people).map((key) => `<button name="account" value="${key}">${key}</button>`);
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><title>Who are you?</title><form method="post">${buttons.join('')}</form>`);
    return;
  }
  let body = '';
  for await (const part of request) body += part;
  const form = new URLSearchParams(body);
  const said = form.has('error')
    ? { error: form.get('error'), error_description: 'as the person or the provider decided' }
    : { login: { accountId: form.get('account'), acr, amr: ['pwd'] } };
  await provider.interactionFinished(request, response, said, { mergeWithLastSubmission: false });
};

const start = async (kind, keys, { secret, people, clients }) => {
  const server = createServer();
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { path, algorithm, acr, policy = interactionPolicy.base(), features, configuration, client, prepare } = KINDS[kind];
  const issuer = `http://127.0.0.1:${server.address().port}${path}`;
  const provider = new Provider(issuer, {
    ...shared(path, policy, features, people),
    ...configuration,
    jwks: { keys },
    clients: [{
      client_id: CLIENT_ID,
      client_secret: secret,
      grant_types: ['authorization_code'],
      response_types: ['code'],
      subject_type: 'pairwise',
      id_token_signed_response_alg: algorithm,
      ...client,
      ...clients[kind],
    }],
  });
  prepare?.(provider, { issuer, people, key: keys.find(({ alg }) => alg === algorithm) });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (request.url.startsWith(`${path}/people/`)) {
      answerPeople(provider, people, acr, request, response)
        .catch((error) => { response.statusCode = 400; response.end(String(error)); });
      return;
    }
    request.originalUrl = request.url;
    if (request.url.startsWith(path)) request.url = request.url.slice(path.length) || '/';
    answer(request, response);
  });
  return [kind, { issuer, client_id: CLIENT_ID, algorithm }];
};

const input = createInterface({ input: process.stdin });
input.once('line', async (line) => {
  const given = JSON.parse(line);
  const keys = await Promise.all([privateKey('ES256', 'curve'), privateKey('RS256', 'factors')]);
  const started = await Promise.all(Object.keys(given.clients).map((kind) => start(kind, keys, given)));
  process.stdout.write(`${JSON.stringify(Object.fromEntries(started))}\n`);
});
input.once('close', () => process.exit(0));
