// ProConnect: refuses every parameter it does not list; two identity providers may give the same `sub`.
const LISTED = new Set([
  'acr_values', 'claims', 'client_id', 'idp_hint', 'login_hint', 'nonce', 'prompt', 'redirect_uri', 'response_type', 'scope',
  'siret_hint', 'state',
]);

const refuseUnlisted = async (ctx, next) => {
  const unlisted = Object.keys(ctx.query).filter((name) => !LISTED.has(name));
  if (ctx.path === '/authorize' && unlisted.length) {
    ctx.status = 400;
    ctx.body = { error: 'invalid_request', error_description: `unlisted: ${unlisted}` };
    return;
  }
  await next();
};

export default {
  path: '/api/v2',
  algorithm: 'RS256',
  acr: 'eidas1',
  client: { token_endpoint_auth_method: 'client_secret_post', userinfo_signed_response_alg: 'RS256' },
  configuration: {
    acrValues: ['eidas1'],
    scopes: ['openid'],
    claims: {
      acr: null,
      iss: null,
      openid: ['sub'],
      given_name: ['given_name'],
      usual_name: ['usual_name'],
      email: ['email'],
      siret: ['siret'],
      idp_id: ['idp_id'],
    },
    clientAuthMethods: ['client_secret_post'],
    routes: { authorization: '/authorize', token: '/token', userinfo: '/userinfo', jwks: '/jwks', end_session: '/session/end' },
  },
  features: { jwtUserinfo: { enabled: true } },
  prepare: (provider) => { provider.use(refuseUnlisted); },
};
