// FranceConnect v2 as its documentation describes it: eidas1 only, ES256, signed userinfo, a code for 30 seconds.
import { errors, interactionPolicy } from 'oidc-provider';

const { Check, base } = interactionPolicy;
const { CustomOIDCProviderError, InvalidRequest } = errors;
const SHORTEST = 32;

const policy = base();
policy.get('login').checks.add(new Check('as_franceconnect', 'what FranceConnect refuses', (ctx) => {
  const { acr_values: acr, state, nonce, prompt } = ctx.oidc.params;
  if (acr !== 'eidas1') throw new CustomOIDCProviderError('invalid_acr', 'acr_value is not valid');
  if (!state || state.length < SHORTEST) throw new InvalidRequest('state must have at least 32 characters');
  if (!nonce || nonce.length < SHORTEST) throw new InvalidRequest('nonce must have at least 32 characters');
  if (prompt === 'none') throw new InvalidRequest('prompt none is not supported');
  return Check.NO_NEED_TO_PROMPT;
}), 0);

export default {
  path: '/api/v2',
  algorithm: 'ES256',
  acr: 'eidas1',
  client: {
    token_endpoint_auth_method: 'client_secret_post',
    userinfo_signed_response_alg: 'ES256',
    require_auth_time: true,
  },
  configuration: {
    acrValues: ['eidas1'],
    scopes: ['openid'],
    claims: {
      acr: null,
      auth_time: null,
      iss: null,
      openid: ['sub'],
      given_name: ['given_name'],
      family_name: ['family_name'],
      birthdate: ['birthdate'],
      gender: ['gender'],
      birthplace: ['birthplace'],
      birthcountry: ['birthcountry'],
      email: ['email'],
      preferred_username: ['preferred_username'],
      birth: ['birthplace', 'birthcountry'],
      profile: ['given_name', 'family_name', 'birthdate', 'gender', 'preferred_username'],
      identite_pivot: ['given_name', 'family_name', 'birthdate', 'gender', 'birthplace', 'birthcountry'],
    },
    clientAuthMethods: ['client_secret_post', 'private_key_jwt'],
    routes: { authorization: '/authorize', token: '/token', userinfo: '/userinfo', jwks: '/jwks', end_session: '/session/end' },
    ttl: { AuthorizationCode: 30, AccessToken: 60, IdToken: 60, Interaction: 600, Session: 1800, Grant: 1800 },
  },
  features: { jwtUserinfo: { enabled: true } },
  policy,
};
