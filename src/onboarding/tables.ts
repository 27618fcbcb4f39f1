/**
 * The tables that Kysely knows, as the migrations create them. Other statements are SQL. Generated: `npm run tables`.
 * @module
 */
import type { Generated } from "kysely";

export interface Tables {
  omni_agent_configs: {
    id: string;
    tenant_id: string;
    agent_name: Generated<string>;
    agent_type: Generated<string>;
    voice_provider: Generated<string>;
    voice_id: Generated<string | null>;
    voice_language: Generated<string>;
    greeting_message: Generated<string | null>;
    system_prompt: Generated<string | null>;
    enable_appointments: Generated<number>;
    enable_products: Generated<number>;
    created_at: Generated<string>;
    updated_at: Generated<string>;
  };
  onboarding_sessions: {
    id: string;
    tenant_id: string;
    user_id: string;
    current_step: Generated<number | null>;
    total_steps: Generated<number | null>;
    progress_percentage: Generated<number | null>;
    business_data: Generated<string | null>;
    agents_data: Generated<string | null>;
    vapi_data: Generated<string | null>;
    kb_data: Generated<string | null>;
    completion_data: Generated<string | null>;
    status: Generated<string | null>;
    source: Generated<string | null>;
    started_at: string;
    last_updated_at: string;
    completed_at: Generated<string | null>;
    abandoned_at: Generated<string | null>;
    ip_address: Generated<string | null>;
    user_agent: Generated<string | null>;
    is_active: Generated<number | null>;
    metadata: Generated<string | null>;
    updated_at: Generated<string | null>;
    idempotency_key: Generated<string | null>;
  };
  tenants: {
    id: string;
    name: string;
    email: string;
    api_key: string;
    cal_com_api_key: Generated<string | null>;
    cal_com_event_type_id: Generated<string | null>;
    timezone: Generated<string | null>;
    created_at: Generated<string | null>;
    onboarding_completed: Generated<number>;
    company_name: Generated<string | null>;
    sector: Generated<string | null>;
    phone: Generated<string | null>;
    updated_at: Generated<string | null>;
  };
  users: {
    id: string;
    tenant_id: string;
    email: string;
    name: Generated<string | null>;
    password_hash: string;
    role: Generated<string | null>;
    is_active: Generated<number | null>;
    created_at: Generated<string | null>;
    updated_at: Generated<string | null>;
  };
}
