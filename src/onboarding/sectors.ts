/** @module What a new tenant gets, by its sector. */

export interface Sector {
  readonly id: string;
  /** The id of an agent type. */
  readonly agentType: string;
  /** Placeholders to make appointments with, until the tenant adds its own people. */
  readonly people: readonly Person[];
}

export interface Person {
  /** Unique within the tenant. */
  readonly key: string;
  readonly firstName: string;
}

const RECEPTION: Person = { key: "accueil", firstName: "Accueil" };

export const SECTORS: readonly Sector[] = [
  {
    id: "real_estate",
    agentType: "real_estate_reception",
    people: [
      { key: "ventes", firstName: "Ventes" },
      { key: "location", firstName: "Location" },
    ],
  },
  { id: "retail", agentType: "customer_support", people: [RECEPTION] },
  { id: "food", agentType: "appointment_booking", people: [RECEPTION] },
  { id: "services", agentType: "appointment_booking", people: [RECEPTION] },
];

/** For every other sector. */
export const ANY_SECTOR: Omit<Sector, "id"> = { agentType: "multi_purpose", people: [RECEPTION] };

export interface Category {
  readonly key: string;
  readonly name: string;
  readonly icon: string;
  /** The properties of its products. */
  readonly fields: readonly string[];
}

/** The product categories of every new tenant. */
export const CATEGORIES: readonly Category[] = [
  { key: "real_estate", name: "Immobilier", icon: "Home", fields: ["surface", "rooms", "city"] },
  { key: "retail", name: "Commerce", icon: "Store", fields: ["brand", "size", "colour"] },
  { key: "food", name: "Restauration", icon: "Utensils", fields: ["allergens", "portion"] },
  { key: "services", name: "Services", icon: "Wrench", fields: ["duration", "place"] },
];

/** Monday (1) to Friday (5). */
export const OPEN_DAYS: readonly number[] = [1, 2, 3, 4, 5];
export const OPENS = "09:00";
export const CLOSES = "18:00";
