/**
 * What a tenant begins with, by the sector it works in.
 * @module
 */

export interface Sector {
  readonly id: string;
  /** Id of an agent type. */
  readonly agentType: string;
  /** People that appointments are made with, until there are real ones. */
  readonly people: readonly Person[];
}

export interface Person {
  /** Names it within the tenant. */
  readonly key: string;
  readonly firstName: string;
  readonly specialties: readonly string[];
}

const RECEPTION: Person = { key: "accueil", firstName: "Accueil", specialties: ["reception"] };

export const SECTORS: readonly Sector[] = [
  {
    id: "real_estate",
    agentType: "real_estate_reception",
    people: [
      { key: "ventes", firstName: "Ventes", specialties: ["sales", "visits"] },
      { key: "location", firstName: "Location", specialties: ["rental", "visits"] },
    ],
  },
  { id: "retail", agentType: "customer_support", people: [RECEPTION] },
  { id: "food", agentType: "appointment_booking", people: [RECEPTION] },
  { id: "services", agentType: "appointment_booking", people: [RECEPTION] },
];

/** Of one that nobody has thought of. */
export const ANY_SECTOR: Omit<Sector, "id"> = { agentType: "multi_purpose", people: [RECEPTION] };

export interface Category {
  readonly key: string;
  readonly name: string;
  readonly icon: string;
  /** What is asked about a product of it. */
  readonly fields: readonly string[];
}

/** The product categories that every tenant has. */
export const CATEGORIES: readonly Category[] = [
  { key: "real_estate", name: "Immobilier", icon: "Home", fields: ["surface", "rooms", "city"] },
  { key: "retail", name: "Commerce", icon: "Store", fields: ["brand", "size", "colour"] },
  { key: "food", name: "Restauration", icon: "Utensils", fields: ["allergens", "portion"] },
  { key: "services", name: "Services", icon: "Wrench", fields: ["duration", "place"] },
];

/** Monday to Friday, as the calendar numbers them. */
export const OPEN_DAYS: readonly number[] = [1, 2, 3, 4, 5];
export const OPENS = "09:00";
export const CLOSES = "18:00";
