// A Keycloak realm: its addresses, plain userinfo, access tokens that read, and roles in them; the scope
// `mapped-roles` is the mapper an administrator adds so that the id_token carries the roles too.
import { SignJWT, decodeJwt, importJWK } from 'jose';

const OPENID = '/protocol/openid-connect';
const BEARER = 'Bearer ';

// The provider's own access tokens are opaque: they travel as `jti` of one that reads, as Keycloak's do.
const readable = ({ issuer, people, key }) => async (ctx, next) => {
  const sent = ctx.get('authorization');
  if (ctx.path === `${OPENID}/userinfo` && sent.startsWith(BEARER)) {
    ctx.req.headers.authorization = BEARER + decodeJwt(sent.slice(BEARER.length)).jti;
  }
  await next();
  if (ctx.path === `${OPENID}/token` && ctx.body?.access_token) {
    const { sub } = decodeJwt(ctx.body.id_token);
    const { realm_access } = Object.values(people).find((person) => person.sub === sub);
    ctx.body.access_token = await new SignJWT({ realm_access, typ: 'Bearer', azp: 'abonde', jti: ctx.body.access_token, sub })
      .setProtectedHeader({ alg: key.alg, kid: key.kid })
      .setIssuer(issuer).setAudience('account').setIssuedAt().setExpirationTime('5m')
      .sign(await importJWK(key, key.alg));
  }
};

export default {
  path: '/realms/vallee',
  algorithm: 'RS256',
  client: { token_endpoint_auth_method: 'client_secret_post' },
  configuration: {
    conformIdTokenClaims: false,
    scopes: ['openid'],
    claims: {
      iss: null,
      openid: ['sub'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
      'mapped-roles': ['realm_access'],
    },
    clientAuthMethods: ['client_secret_post', 'client_secret_basic'],
    routes: {
      authorization: `${OPENID}/auth`,
      token: `${OPENID}/token`,
      userinfo: `${OPENID}/userinfo`,
      jwks: `${OPENID}/certs`,
      end_session: `${OPENID}/logout`,
    },
  },
  prepare: (provider, realm) => { provider.use(readable(realm)); },
};
