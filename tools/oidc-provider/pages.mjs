// The provider's one page of its own: name and password.
import { timingSafeEqual, createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';

const escape = (given) => given.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const digest = (given) => createHash('sha256').update(given).digest();

const form = (action, problem, name) => `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>Sign in</title><h1>Sign in</h1>${problem ? `<p role="alert">${problem}</p>` : ''}
<form method="post" action="${action}">
<p><label>User <input name="user" autocomplete="username" value="${escape(name)}" required></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button>Sign in</button></p></form></html>`;

export function signInPages(provider, users) {
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const { prompt } = await provider.interactionDetails(ctx.req, ctx.res);
    ctx.set('Cache-Control', 'no-store');
    ctx.type = 'html';
    if (ctx.method !== 'POST') {
      ctx.body = form(ctx.path, '', '');
      return undefined;
    }
    const given = new URLSearchParams(await text(ctx.req));
    const [user, password] = [given.get('user') || '', given.get('password') || ''];
    const known = Object.hasOwn(users, user) ? users[user].password : '';
    if (prompt.name !== 'login' || !known || !timingSafeEqual(digest(password), digest(known))) {
      ctx.status = 403;
      ctx.body = form(ctx.path, 'No such user with this password.', user);
      return undefined;
    }
    ctx.respond = false;
    return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: user } });
  };
}
