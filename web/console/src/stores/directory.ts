import type { Center, Specialty, TradingSystem } from '@tongping/shared/api/types';
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { api } from '../api';

/** What seldom changes: centers with rooms and seats, specialties, trading systems. */
export const useDirectory = defineStore('directory', () => {
  const centers = shallowRef<Center[]>([]);
  const specialties = shallowRef<Specialty[]>([]);
  const systems = shallowRef<TradingSystem[]>([]);
  const pending = new Map<string, Promise<void>>();

  function once(name: string, load: () => Promise<void>): Promise<void> {
    let running = pending.get(name);
    if (!running) {
      running = load();
      pending.set(name, running);
      running.catch(() => pending.delete(name));
    }
    return running;
  }

  const loadCenters = (): Promise<void> => once('centers', async () => void (centers.value = await api.centers()));
  const loadSpecialties = (): Promise<void> =>
    once('specialties', async () => void (specialties.value = await api.specialties()));
  const loadSystems = (): Promise<void> => once('systems', async () => void (systems.value = await api.tradingSystems()));

  const centerById = computed(() => new Map(centers.value.map((center) => [center.id, center])));
  const specialtyNames = computed(() => new Map(specialties.value.map((s) => [s.code, s.name])));
  const systemNames = computed(() => new Map(systems.value.map((s) => [s.id, s.name])));

  function forget(): void {
    pending.clear();
  }

  return { centers, specialties, systems, centerById, specialtyNames, systemNames, loadCenters, loadSpecialties, loadSystems, forget };
});
