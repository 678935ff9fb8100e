// What quality `low` draws in place of façades, ground and the light of rough matter: the same colours, openings and lamps, seen as
// from afar. Needs facade, ground, material, light.

// Openings, slabs and glass in their places and colours; no rooms, frames, machines or stains.
Facade plainFacade(Wall wall, vec3 base) {
    uint h = mixBits(wall.seed), use = wall.use;
    float curtain = smoothstep(0.02, 0.10, base.b - base.r);
    if (use == MATOU_DRESS_NONE) use = curtain > 0.5 ? MATOU_DRESS_OFFICE : MATOU_DRESS_DWELLING;
    bool office = use == MATOU_DRESS_OFFICE;
    if (!office) curtain = 0;
    float storey = wall.storey > 0 ? wall.storey : office ? 3.9 : 2.9;
    float nominal = office ? mix(3.2, 1.5, curtain) : use == MATOU_DRESS_SCHOOL ? 3.0 : use == MATOU_DRESS_SHOP ? 4.2 : 3.0 + 0.9 * unitFrom(mixBits(h + 1u));
    float bay = wall.wide > 0 ? wall.wide / max(round(wall.wide / nominal), 1.0) : nominal;
    vec2 cell = wall.uv / vec2(bay, storey), w = fwidth(cell);
    float near = 1 - smoothstep(0.35, 1.1, max(w.x, w.y));
    vec2 at = floor(cell);
    bool front = use == MATOU_DRESS_SHOP && at.y < 0.5;
    bool flank = use == MATOU_DRESS_DWELLING && wall.wide > 0 && wall.wide < 17 && wall.floors > 3;
    vec3 open = office ? vec3(mix(0.10, 0.02, step(0.5, unitFrom(mixBits(h + 3u)))), 0.30, 0.88) : flank ? vec3(0.45, 0.42, 0.80) : vec3(0.24, 0.33, 0.82);
    open = front ? vec3(0.05, 0.08, 0.70) : mix(open, vec3(0.03, 0.10, 0.90), curtain);
    float across = pulse(cell.x, w.x, open.x, 1 - open.x);
    float opening = across * pulse(cell.y, w.y, open.y, open.z), pane = across * pulse(cell.y, w.y, open.y + 0.03, open.z - 0.10 * (1 - curtain));
    uint id = mixBits(h ^ uint(int(at.x) + 64) * 7919u ^ uint(int(at.y)) * 104729u);
    float r0 = unitFrom(id), r1 = float(id & 255u) / 255;

    Facade f;
    vec3 face = mix(base, vec3(dot(base, vec3(0.3, 0.5, 0.2))) * 0.62, 0.6 * curtain);
    face *= 1 - (1 - curtain) * (0.07 + 0.38 * (1 - smoothstep(0.45, 0.65, wall.uv.y)) * (front ? 0.0 : 1.0)); // stains' mean; the plinth
    vec3 behind = mix(vec3(0.055, 0.060, 0.066), vec3(0.16, 0.145, 0.125) * step(0.45, r1) + 0.035, near);
    behind = mix(behind, base * (0.10 + 0.07 * near * r1), curtain);
    f.color = mix(face, mix(face * 0.5, behind, pane / max(opening, 1e-3)), opening);
    f.glass = pane * (1 - 0.3 * (1 - curtain));
    f.curtain = curtain;
    f.glow = vec3(0);
    float share = 0;
    if (wall.night > 0) {
        share = litShare(use, wall.hour);
        bool cold = office || use == MATOU_DRESS_WORKS || use == MATOU_DRESS_SCHOOL;
        vec3 lamp = cold ? vec3(0.90, 0.94, 0.97) : mix(vec3(1.0, 0.68, 0.36), vec3(1.0, 0.90, 0.74), r1);
        f.glow = pane * lamp * mix(share, step(r0, share), near) * (0.62 * wall.night);
    }
    if (use == MATOU_DRESS_SHOP && wall.uv.y < storey) { // panels
        float panel = smoothstep(0.72 - w.y, 0.72 + w.y, cell.y) * (1 - smoothstep(0.95 - w.y, 0.95 + w.y, cell.y));
        vec3 paint = mix(vec3(0.36, 0.055, 0.045), r0 < 0.5 ? vec3(0.055, 0.15, 0.32) : vec3(0.42, 0.29, 0.06), step(0.3, r1));
        f.color = mix(f.color, paint, panel);
        f.glass *= 1 - panel;
        f.glow = mix(f.glow, paint * 1.7 * wall.night * step(0.02, share), panel);
    }
    return f;
}

// A roof of one scale of unevenness.
vec3 plainRoof(vec3 base, vec2 x, float w) { return base * (0.98 + 0.14 * grain(x, 4, w, 61u)); }

// The colour with one scale of unevenness; what streets and the far plain are known by.
Finish plainGround(uint kind, vec3 base, vec2 x, float w, vec2 along, vec2 alongW) {
    float tone = grain(x, 4, w, 58u);
    Finish f = Finish(base * (1 + 0.12 * tone), 0.92, 0.03);
    switch (kind) {
    case MATOU_DRESS_CARRIAGEWAY: f.lamps = 0.42; break;
    case MATOU_DRESS_CROSSING:
        f.color = mix(f.color, vec3(0.56), 0.9 * pulse(along.x / 0.9, alongW.x / 0.9, 0.28, 0.78));
        f.lamps = 0.42;
        break;
    case MATOU_DRESS_PAVEMENT:
        f.color *= 0.95;
        f.color = mix(f.color, vec3(0.34, 0.335, 0.325), pulse(along.y / 64, alongW.y / 64, 0.0, 0.2 / 64) * (along == vec2(0) ? 0.0 : 1.0)); // kerb
        f.lamps = 0.34;
        break;
    case MATOU_DRESS_LANE: f.lamps = 0.22; break;
    case MATOU_DRESS_WALK: f.lamps = 0.30; break;
    case MATOU_DRESS_PAVING: f.lamps = 0.20; break;
    case MATOU_DRESS_LAWN: f.color = base * (0.96 + 0.20 * tone) * mix(vec3(1), vec3(1.20, 1.06, 0.80), 0.7 * smoothstep(0.2, 1.0, tone)); break;
    case MATOU_DRESS_FAR: {
        float block = grain(x, 32, w, 42u);
        f.color = mix(base * (0.80 + 0.12 * block), vec3(0.066, 0.086, 0.046), smoothstep(-0.25, 0.45, block));
        f.lamps = 0.06;
        break;
    }
    case MATOU_DRESS_YARD:
        f.color = base * (0.96 + 0.12 * tone) * mix(vec3(1), vec3(0.98, 0.84, 0.76), smoothstep(0.2, 0.5, grain(x, 16, w, 31u)));
        f.lamps = 0.08;
        break;
    }
    return f;
}

// Rough matter mirrors all around nearly as it diffuses it: one sum does for both; panes mirror the sky.
vec3 plainRadiance(Surface s, vec3 toEye, float lit) {
    float occlusion = s.occlusion * s.contact;
    vec3 around = environmentDiffuse(s.normal) * occlusion;
    vec3 radiance = mix(s.base, vec3(1), 0.035) * around + s.base * view.sunRadiance.rgb * (lit * max(dot(s.normal, view.sun.xyz), 0.0) / kPi);
    if (s.glass < 0.02) return radiance;
    float nv = max(dot(s.normal, toEye), 0.02), f0 = 0.04 + 0.16 * s.curtain;
    float slant = (1 - nv) * (1 - nv), fresnel = f0 + (1 - f0) * slant * slant * (1 - nv);
    vec3 r = reflect(-toEye, s.normal);
    // The sky as it is spread over a hemisphere, leant upwards out of the ground's half.
    vec3 seen = mix(around, environmentDiffuse(normalize(vec3(r.xy, max(r.z, 0.0) + 0.7))), smoothstep(-0.10, 0.04, r.z));
    return radiance + seen * (s.glass * fresnel * (1 + 1.5 * s.glass) * occlusion);
}
