// What lies on the ground, from its kind: asphalt, paving, grass, yards. World-anchored, integrated over the pixel.
// Needs noise, facade's pulse.

struct Finish {
    vec3 color;
    float roughness;
    float lamps; // how much of the street lamps' light falls there at night
};

// Share of the pixel that is joint between slabs of `size` metres laid in running bond.
float slabJoints(vec2 x, vec2 size, float joint, vec2 w, out ivec2 slab) {
    vec2 c = x / size;
    c.x += 0.5 * mod(floor(c.y), 2.0);
    slab = ivec2(floor(c));
    vec2 wide = w / size, gap = joint / size;
    return 1 - (1 - pulse(c.x, wide.x, 0.0, gap.x)) * (1 - pulse(c.y, wide.y, 0.0, gap.y));
}

float slabTone(ivec2 slab, float w, float size) {
    return (unitFrom(mixBits(uint(slab.x) * 7919u + uint(slab.y) * 104729u)) - 0.5) * (1 - smoothstep(0.3, 0.8, w / size));
}

vec3 grassColor(vec3 base, vec2 x, float w) {
    float wide = grain(x, 16, w, 1u), patchy = grain(x, 2, w, 2u), tuft = grain(x, 0.25, w, 3u), blade = grain(x, 0.0625, w, 4u);
    vec3 c = base * (1 + 0.14 * wide + 0.14 * patchy + 0.24 * tuft + 0.34 * blade);
    c = mix(c, c * vec3(1.30, 1.10, 0.72), smoothstep(0.0, 1.0, wide + 0.5 * patchy)); // drier
    return mix(c, vec3(0.115, 0.088, 0.060) * (1 + 0.3 * tuft), 0.7 * smoothstep(0.55, 0.95, patchy + 0.35 * tuft)); // worn
}

vec3 asphaltColor(vec3 base, vec2 x, float w) {
    float wide = grain(x, 8, w, 11u), stain = grain(x, 1, w, 12u), stone = grain(x, 0.03125, w, 13u);
    return base * (1 + 0.10 * wide + 0.08 * stain + 0.30 * stone);
}

// `lane`: metres along the street and from its middle.
vec3 carriagewayColor(vec3 base, vec2 x, float w, vec2 lane, vec2 laneW, float halfWidth) {
    vec3 c = asphaltColor(base, x, w);
    if (lane == vec2(0)) return c;
    float side = abs(lane.y), width = halfWidth > 9 ? 3.6 : halfWidth > 4 ? 5.4 : 3.2;
    float within = fract(side / width);
    // Tyres polish two tracks, oil drips between them; near noise only, far its mean.
    float keep = 1 - smoothstep(0.3, 1.0, laneW.y);
    float tracks = exp(-pow((within - 0.28) * 7, 2.0)) + exp(-pow((within - 0.72) * 7, 2.0));
    c *= 1 + keep * (0.10 * tracks - 0.10 * exp(-pow((within - 0.5) * 9, 2.0)));
    // Trenches dug and closed again, and covers.
    vec2 trench = lane / vec2(16, 3.6);
    ivec2 at = ivec2(floor(trench));
    float dice = unitFrom(mixBits(uint(at.x) * 7919u + uint(at.y + 64) * 65537u));
    if (dice < 0.16) {
        vec2 p = trench - vec2(at), tw = laneW / vec2(16, 3.6);
        float inside = pulse(p.x, tw.x, 0.1, 0.1 + 3 * dice + 0.2) * pulse(p.y, tw.y, 0.15, 0.85);
        c = mix(c, base * (0.62 + 2.0 * dice), 0.75 * inside);
    } else if (dice > 0.72) {
        vec2 p = (trench - vec2(at) - vec2(0.5)) * vec2(16, 3.6);
        float r = length(p), edge = max(max(laneW.x, laneW.y), 0.01);
        float cover = 1 - smoothstep(0.36 - edge, 0.36 + edge, r);
        float rim = cover * smoothstep(0.30 - edge, 0.30 + edge, r);
        c = mix(c, vec3(0.045, 0.043, 0.042) * (1 + 0.4 * sin(p.x * 60) * sin(p.y * 60) * (1 - smoothstep(0.02, 0.05, edge))), cover * (1 - 0.5 * rim));
    }
    // Dust gathers along the kerb.
    return mix(c, vec3(0.14, 0.13, 0.115), 0.45 * smoothstep(halfWidth - 0.7, halfWidth, side));
}

// `walk`: metres along the street and from the kerb.
vec3 pavementColor(vec3 base, vec2 x, float w, vec2 walk, vec2 walkW) {
    ivec2 slab;
    bool aligned = walk != vec2(0);
    vec2 p = aligned ? walk : x, pw = aligned ? walkW : vec2(w);
    float joint = slabJoints(p, vec2(0.5, 0.25), 0.012, pw, slab);
    float dirt = grain(x, 4, w, 21u) * 0.5 + grain(x, 0.5, w, 22u) * 0.5;
    vec3 c = base * (1 + 0.16 * slabTone(slab, w, 0.4) + 0.10 * dirt + 0.10 * grain(x, 0.0625, w, 23u));
    // A band of redder slabs now and then.
    c = mix(c, c * vec3(1.10, 0.90, 0.80), 0.8 * step(0.72, unitFrom(mixBits(uint(slab.y) * 31u))) * (1 - smoothstep(0.1, 0.3, w)));
    c *= 1 - 0.45 * joint;
    if (!aligned) return c;
    // Tactile strip (盲道): ribbed ochre slabs.
    float strip = pulse(walk.y / 64, walkW.y / 64, 1.95 / 64, 2.35 / 64);
    vec3 ochre = vec3(0.36, 0.255, 0.085) * (1 + 0.2 * slabTone(slab, w, 0.4)) * (1 - 0.22 * pulse(walk.y / 0.1, walkW.y / 0.1, 0.0, 0.4));
    c = mix(c, ochre, strip);
    // Tree pits where the row stands (plants.cpp sets trees every 8.5 m).
    float pit = pulse(walk.x / 8.5 + 0.5, walkW.x / 8.5, 0.5 - 0.07, 0.5 + 0.07) * pulse(walk.y / 64, walkW.y / 64, 0.7 / 64, 1.9 / 64);
    c = mix(c, vec3(0.085, 0.066, 0.048) * (1 + 0.5 * grain(x, 0.125, w, 24u)), pit);
    // Kerb of granite; its face is geometry.
    c = mix(c, vec3(0.34, 0.335, 0.325) * (1 + 0.10 * grain(x, 0.0625, w, 25u)), pulse(walk.y / 64, walkW.y / 64, 0.0, 0.2 / 64));
    return c;
}

// Poured slabs between the houses, patched and stained.
vec3 yardColor(vec3 base, vec2 x, float w) {
    ivec2 slab;
    float joint = slabJoints(x, vec2(4, 4), 0.02, vec2(w), slab);
    float wide = grain(x, 16, w, 31u), stain = grain(x, 2, w, 32u), spot = grain(x, 0.25, w, 33u);
    // Here brick, there concrete: the yards of estates are laid bit by bit.
    ivec2 brick;
    float brickJoint = slabJoints(x.yx, vec2(0.25, 0.125), 0.01, vec2(w), brick);
    vec3 concrete = base * (1 + 0.20 * slabTone(slab, w, 3.0) + 0.12 * stain + 0.08 * spot) * (1 - 0.35 * joint);
    vec3 bricks = base * vec3(0.98, 0.84, 0.76) * (1 + 0.3 * slabTone(brick, w, 0.2) + 0.1 * stain) * (1 - 0.35 * brickJoint);
    vec3 c = mix(concrete, bricks, smoothstep(0.05, 0.15, wide + 0.1 * stain));
    return c * (1 - 0.22 * smoothstep(0.35, 0.9, stain + 0.5 * spot));
}

// From afar the surroundings are roofs, yards and crowns of trees; no geometry pays for them.
vec3 farGroundColor(vec3 base, vec2 x, float w) {
    float wide = grain(x, 64, w, 41u), block = grain(x, 32, w, 42u), crown = grain(x, 8, w, 43u), leaf = grain(x, 2, w, 44u);
    vec3 paved = base * (0.62 + 0.12 * block + 0.10 * crown + 0.06 * leaf);
    vec3 green = vec3(0.066, 0.086, 0.046) * (1 + 0.35 * crown + 0.30 * leaf);
    // The mean is kept where cells shrink under a pixel: two fifths green.
    float share = smoothstep(-0.25, 0.45, crown + 0.6 * wide + 0.5 * block - 0.02);
    return mix(paved, green, share);
}

Finish groundFinish(uint kind, vec3 base, float halfWidth, vec2 x, float w, vec2 along, vec2 alongW) {
    Finish f = Finish(base, 0.92, 0.03);
    switch (kind) {
    case MATOU_DRESS_CARRIAGEWAY:
        f.color = carriagewayColor(base, x, w, along, alongW, halfWidth);
        f.roughness = 0.86;
        f.lamps = 0.42;
        break;
    case MATOU_DRESS_PAVEMENT:
        f.color = pavementColor(base, x, w, along, alongW);
        f.lamps = 0.34;
        break;
    case MATOU_DRESS_LANE:
        f.color = asphaltColor(base * (1 + 0.2 * grain(x, 4, w, 51u)), x, w);
        f.lamps = 0.22;
        break;
    case MATOU_DRESS_WALK: {
        ivec2 slab;
        float joint = slabJoints(x, vec2(0.5, 0.5), 0.012, vec2(w), slab);
        f.color = base * (1 + 0.14 * slabTone(slab, w, 0.5) + 0.10 * grain(x, 4, w, 52u) + 0.08 * grain(x, 0.0625, w, 53u)) * (1 - 0.4 * joint);
        f.lamps = 0.30;
        break;
    }
    case MATOU_DRESS_PAVING: {
        ivec2 slab;
        float joint = slabJoints(x, vec2(1, 0.5), 0.012, vec2(w), slab);
        f.color = base * (1 + 0.18 * slabTone(slab, w, 0.8) + 0.10 * grain(x, 8, w, 54u)) * (1 - 0.4 * joint);
        f.lamps = 0.20;
        break;
    }
    case MATOU_DRESS_PITCH:
    case MATOU_DRESS_TRACK:
        f.color = base * (1 + 0.06 * grain(x, 4, w, 55u) + 0.12 * grain(x, 0.03125, w, 56u));
        break;
    case MATOU_DRESS_LAWN:
        f.color = grassColor(base, x, w);
        f.roughness = 1;
        break;
    case MATOU_DRESS_FAR:
        f.color = farGroundColor(base, x, w);
        f.lamps = 0.06;
        break;
    case MATOU_DRESS_YARD:
        f.color = yardColor(base, x, w);
        f.lamps = 0.08;
        break;
    case MATOU_DRESS_CROSSING: // a slab of asphalt with bars along the traffic: along.x across the street
        f.color = mix(asphaltColor(base, x, w), vec3(0.56) * (1 + 0.10 * grain(x, 0.25, w, 57u)), 0.9 * pulse(along.x / 0.9, alongW.x / 0.9, 0.28, 0.78));
        f.lamps = 0.42;
        break;
    default:
        f.color = base * (1 + 0.10 * grain(x, 8, w, 58u) + 0.08 * grain(x, 0.5, w, 59u));
    }
    return f;
}
