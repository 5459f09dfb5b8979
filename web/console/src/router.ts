import type { Role } from '@tongping/shared/api/types';
import { translateOr } from '@tongping/shared/i18n/index';
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';
import { useAccount } from './stores/account';

declare module 'vue-router' {
  interface RouteMeta {
    open?: boolean;
    roles?: Role[];
    title?: string;
    full?: boolean;
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/login', component: () => import('./pages/LoginPage.vue'), meta: { open: true, title: 'login' } },
  { path: '/register', component: () => import('./pages/RegisterPage.vue'), meta: { open: true, title: 'register' } },
  { path: '/', component: () => import('./pages/WorkbenchPage.vue'), meta: { title: 'workbench' } },
  { path: '/lots', component: () => import('./pages/LotsPage.vue'), meta: { title: 'lots', roles: ['agency'] } },
  { path: '/lots/:id/request', component: () => import('./pages/request/RequestPage.vue'), meta: { title: 'request', roles: ['agency'] } },
  { path: '/sessions', component: () => import('./pages/SessionsPage.vue'), meta: { title: 'sessions' } },
  { path: '/sessions/:id', component: () => import('./pages/session/SessionPage.vue'), meta: { title: 'session' } },
  { path: '/sessions/:id/venues', component: () => import('./pages/request/ChooseAgainPage.vue'), meta: { title: 'choose', roles: ['agency'] } },
  { path: '/sessions/:id/check', component: () => import('./pages/session/CheckPage.vue'), meta: { title: 'check', roles: ['staff'] } },
  { path: '/sessions/:id/watch', component: () => import('./pages/watch/WatchPage.vue'), meta: { title: 'watch', roles: ['regulator', 'staff'], full: true } },
  { path: '/schedule', component: () => import('./pages/SchedulePage.vue'), meta: { title: 'schedule', roles: ['staff'] } },
  { path: '/nodes', component: () => import('./pages/operator/NodesPage.vue'), meta: { title: 'nodes', roles: ['operator'] } },
  { path: '/services', component: () => import('./pages/operator/ServicesPage.vue'), meta: { title: 'services', roles: ['operator'] } },
  { path: '/registrations', component: () => import('./pages/operator/RegistrationsPage.vue'), meta: { title: 'registrations', roles: ['operator'] } },
  { path: '/log', component: () => import('./pages/operator/LogPage.vue'), meta: { title: 'log', roles: ['operator', 'regulator'] } },
  { path: '/no-permission', component: () => import('./pages/NoPermissionPage.vue'), meta: { title: 'noPermission' } },
  { path: '/:rest(.*)*', component: () => import('./pages/NotFoundPage.vue'), meta: { title: 'notFound' } },
];

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: () => ({ top: 0 }),
});

router.beforeEach(async (to) => {
  const account = useAccount();
  if (!account.asked) {
    try {
      await account.load();
    } catch {
      // The sign-in page then says that the server cannot be reached.
    }
  }
  if (to.meta.open) return account.user ? { path: '/' } : true;
  if (!account.user) return { path: '/login', query: to.fullPath === '/' ? {} : { to: to.fullPath } };
  if (to.meta.roles && account.role && !to.meta.roles.includes(account.role)) return { path: '/no-permission', replace: true };
  return true;
});

router.afterEach((to) => {
  const title = to.meta.title ? translateOr(`title.${to.meta.title}`, '') : '';
  const product = translateOr('common.product', '同评');
  document.title = title ? `${title} · ${product}` : product;
});
