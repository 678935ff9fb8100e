// Walls from their metres: floors, bays, windows, shopfronts. Every pattern is integrated over the pixel's footprint, so
// nothing aliases at any distance. Needs noise.

// Mean over [x - w/2, x + w/2] of a pulse that is 1 where fract(x) lies in [a, b].
float pulse(float x, float w, float a, float b) {
    w = max(w, 1e-4);
    float high = x + 0.5 * w, low = x - 0.5 * w;
    float ih = floor(high) * (b - a) + clamp(high - floor(high), a, b);
    float il = floor(low) * (b - a) + clamp(low - floor(low), a, b);
    return clamp((ih - il) / w, 0.0, 1.0);
}

// What is known of a wall. `use` is one of MATOU_DRESS_*; 0 where nothing is known of it.
struct Wall {
    vec2 uv;      // metres along it and above its foot
    float wide;   // its length in metres, 0: unknown
    uint seed, use;
    float floors, storey; // 0: unknown
    vec3 normal;
    float night, hour;
};

struct Facade {
    vec3 color;     // of what diffuses
    float glass;    // share of glass
    float curtain;  // 1: curtain wall of coated glass
    vec3 glow;      // of lit windows, before exposure
};

float ramp(float hour, float from, float to) { return smoothstep(from, to, hour); }

// Share of windows with light behind them, by use and hour of the day.
float litShare(uint use, float hour) {
    float h = hour < 4 ? hour + 24 : hour; // the evening goes on after midnight
    if (use == MATOU_DRESS_OFFICE || use == MATOU_DRESS_WORKS)
        return 0.62 * ramp(h, 6.5, 8.5) * (1 - 0.50 * ramp(h, 18.5, 21.5)) * (1 - 0.75 * ramp(h, 21.0, 23.5)) + 0.03;
    if (use == MATOU_DRESS_SHOP) return 0.92 * ramp(h, 6.5, 9.0) * (1 - 0.93 * ramp(h, 21.8, 22.3));
    if (use == MATOU_DRESS_SCHOOL || use == MATOU_DRESS_PUBLIC) return 0.5 * ramp(h, 6.5, 8.0) * (1 - 0.80 * ramp(h, 17.5, 20.0)) + 0.03;
    float morning = 0.30 * ramp(h, 5.5, 6.5) * (1 - ramp(h, 7.5, 8.5));
    return 0.05 + morning + 0.50 * ramp(h, 16.8, 19.2) * (1 - 0.90 * ramp(h, 21.3, 24.8));
}

// A room behind a pane, seen through it at a slant: its ceiling, floor, sides and back (van Dongen 2008, "Interior mapping").
// `at` 0..1 in the pane's cell, `into` the way of looking in cells, depth in rooms.
float roomShade(vec2 at, vec3 into, out float depth) {
    vec3 d = vec3(abs(into.x) < 1e-4 ? 1e-4 : into.x, abs(into.y) < 1e-4 ? 1e-4 : into.y, max(into.z, 1e-3));
    vec2 far = mix(at, 1 - at, greaterThan(d.xy, vec2(0))) / abs(d.xy);
    float back = 1 / d.z, t = min(back, min(far.x, far.y));
    depth = t * d.z;
    if (t == back) return 0.50;
    if (t == far.y) return d.y > 0 ? 0.85 : 0.26;
    return 0.62;
}

// Openings of a bay in shares of it: left edge (the right mirrors it), sill, top.
vec3 openingOf(uint use, uint h, uint column, float ribbon, bool flank) {
    float r = unitFrom(mixBits(column));
    if (use == MATOU_DRESS_OFFICE) return vec3(mix(0.10, 0.02, ribbon), 0.30, 0.88);
    if (use == MATOU_DRESS_SCHOOL) return vec3(0.10, 0.30, 0.86);
    if (use == MATOU_DRESS_WORKS) return vec3(0.13 + 0.08 * unitFrom(mixBits(h + 2u)), 0.36, 0.80);
    if (flank) return vec3(r > 0.6 ? 0.38 : 0.5, 0.42, 0.80); // most bays of a gable are blind
    if (r > 0.72) return vec3(0.36, 0.46, 0.82);              // bath, kitchen
    return vec3(0.17 + 0.09 * unitFrom(mixBits(h + 2u)), r > 0.4 ? 0.31 : 0.20, 0.83);
}

float clusterOf(vec2 cell, float size, uint seed) {
    ivec2 at = ivec2(floor(cell / size)) + 64;
    return unitFrom(mixBits(seed ^ uint(at.x) * 7919u ^ uint(at.y) * 104729u));
}

Facade facadeAt(Wall wall, vec3 base, vec3 toEye) {
    uint h = mixBits(wall.seed);
    uint use = wall.use;
    // A bluish base says curtain wall; everything else is masonry with separate windows.
    float curtain = smoothstep(0.02, 0.10, base.b - base.r);
    if (use == MATOU_DRESS_NONE) use = curtain > 0.5 ? MATOU_DRESS_OFFICE : MATOU_DRESS_DWELLING;
    bool office = use == MATOU_DRESS_OFFICE;
    if (!office) curtain = 0;
    float storey = wall.storey > 0 ? wall.storey : office ? 3.9 : 2.9;
    float nominal = office ? mix(3.2, 1.5, curtain) : use == MATOU_DRESS_SCHOOL ? 3.0 : use == MATOU_DRESS_SHOP ? 4.2 : 3.0 + 0.9 * unitFrom(mixBits(h + 1u));
    float bay = wall.wide > 0 ? wall.wide / max(round(wall.wide / nominal), 1.0) : nominal;
    vec2 size = vec2(bay, storey), cell = wall.uv / size;
    vec2 w = vec2(length(vec2(dFdx(cell.x), dFdy(cell.x))), length(vec2(dFdx(cell.y), dFdy(cell.y))));
    float near = 1 - smoothstep(0.35, 1.1, max(w.x, w.y));
    float metre = max(w.x * bay, w.y * storey);
    float level = floor(cell.y), columnAt = floor(cell.x);
    bool flank = use == MATOU_DRESS_DWELLING && wall.wide > 0 && wall.wide < 17 && wall.floors > 3;
    float ribbon = step(0.5, unitFrom(mixBits(h + 3u)));
    uint column = h ^ (uint(int(columnAt) + 64) * 7919u);
    vec3 mean = vec3(0.24, 0.33, 0.82), open = openingOf(use, h, column, ribbon, flank);
    if (office) mean = open;
    if (flank) mean = vec3(0.45, 0.42, 0.80);
    open = mix(open, vec3(0.03, 0.10, 0.90), curtain);
    open = mix(mix(mean, vec3(0.03, 0.10, 0.90), curtain), open, near);

    // Ground floor of shops: glass from knee to lintel, a panel above it.
    bool front = use == MATOU_DRESS_SHOP && level < 0.5;
    float piers = 0.05;
    if (front) open = vec3(piers, 0.08, 0.70);

    // Panes lie behind the wall's face: looking at a slant, one sees them moved and the reveal beside them.
    vec3 along = normalize(cross(vec3(0, 0, 1), wall.normal) + vec3(1e-6, 0, 0));
    float into = max(dot(toEye, wall.normal), 0.15);
    vec2 slant = -vec2(dot(toEye, along), toEye.z) / into;
    vec2 moved = clamp(slant * mix(0.16, 0.04, curtain), -0.7, 0.7) / size * near;
    float opening = pulse(cell.x, w.x, open.x, 1 - open.x) * pulse(cell.y, w.y, open.y, open.z);
    vec2 pane = cell + moved;
    float behind = opening * pulse(pane.x, w.x, open.x, 1 - open.x) * pulse(pane.y, w.y, open.y, open.z);
    float reveal = opening - behind;
    // Frames, sashes and a transom, some centimetres wide.
    vec2 bar = vec2(0.05) / size;
    float inner = pulse(pane.x, w.x, open.x + bar.x, 1 - open.x - bar.x) * pulse(pane.y, w.y, open.y + bar.y, open.z - bar.y);
    float sash = pulse(pane.x, w.x, 0.5 - 0.6 * bar.x, 0.5 + 0.6 * bar.x) * (1 - curtain);
    float transom = step(unitFrom(mixBits(h + 6u)), 0.6) * (1 - curtain) * pulse(pane.y, w.y, open.z - 0.20, open.z - 0.20 + bar.y);
    float frame = behind * (1 - inner * (1 - sash) * (1 - transom));
    float glass = behind - frame;
    float slab = pulse(cell.y, w.y, 0.0, 0.10 / storey);

    uint id = mixBits(column ^ uint(int(level) * 104729));
    float r0 = unitFrom(id), r1 = unitFrom(mixBits(id)), r2 = unitFrom(mixBits(id + 3u));

    Facade f;
    vec3 face = mix(base, vec3(dot(base, vec3(0.3, 0.5, 0.2))) * 0.62, 0.6 * curtain) * (1 + 0.08 * slab * (1 - curtain));
    // Air conditioners under some windows; their rust runs down.
    float machine = 0;
    if (use == MATOU_DRESS_DWELLING && level > 0.5 && r2 > 0.45 && !flank) {
        vec2 m = (fract(cell) - vec2(0.62, 0.06)) * size;
        vec2 e = max(w * size, vec2(0.004));
        machine = near * clamp((m.x + 0.5 * e.x) / e.x, 0.0, 1.0) * clamp((0.80 - m.x) / e.x, 0.0, 1.0) * clamp((m.y + 0.5 * e.y) / e.y, 0.0, 1.0) *
                  clamp((0.56 - m.y) / e.y, 0.0, 1.0);
        float grille = pulse(m.y / 0.05, w.y * storey / 0.05, 0.0, 0.5);
        face = mix(face, vec3(0.52, 0.51, 0.48) * (0.75 + 0.25 * grille), machine * (1 - opening));
    }
    // Stains: below sills, under the roof's edge, over the foot; broad tones of old paint.
    float height = wall.floors > 0 ? wall.floors * storey : 1e4;
    float streak = valueNoise(vec2(wall.uv.x / 0.45, wall.uv.y / 5.0), 0xffffu, h) * (1 - smoothstep(0.2, 0.9, metre / 0.45));
    float blotch = valueNoise(wall.uv / vec2(4.0, 2.5), 0xffffu, h + 5u) * (1 - smoothstep(1.0, 3.0, metre));
    float under = pulse(cell.y, w.y, open.y - 0.22, open.y) * pulse(cell.x, w.x, open.x, 1 - open.x);
    float age = 0.5 + 0.5 * unitFrom(mixBits(h + 8u));
    float dirt = age * (0.07 * blotch + 0.09 * streak + 0.08 * under + 0.12 * smoothstep(height - 2.2, height, wall.uv.y) * (0.6 + 0.8 * streak));
    face *= 1 - (1 - curtain) * clamp(dirt + 0.02, 0.0, 0.4);
    float plinth = 1 - smoothstep(0.45, 0.65, wall.uv.y);
    face = mix(face, base * vec3(0.60, 0.585, 0.57), plinth * (1 - curtain) * (front ? 0.0 : 1.0));
    float fine = valueNoise(wall.uv * 16, 0xffffu, 9u) * (1 - smoothstep(0.02, 0.06, metre));
    face *= 1 + 0.05 * fine;

    // Panes: a dim room, curtains in some.
    float depth;
    float lampShare = litShare(use, wall.hour);
    float lit = step(r0, lampShare);
    vec3 room = mix(vec3(0.62, 0.58, 0.50), vec3(0.50, 0.54, 0.58), r1) * (0.6 + 0.5 * r2);
    float shade = 0.5;
    depth = 0.7;
    if (near > 0.02 && glass > 0.001) shade = roomShade(clamp(fract(pane), 0.02, 0.98), vec3(slant / size, 1.0 / (office ? 7.0 : 4.0)), depth);
    float drawn = step(0.52, r2) * (1 - curtain) * (front ? 0.0 : 1.0);
    float reach = 0.10 + 0.42 * r1;
    float edge = min(fract(pane.x) - open.x, 1 - open.x - fract(pane.x)) / (1 - 2 * open.x);
    float cloth = near * drawn * (1 - smoothstep(reach - 0.02, reach + 0.02, edge));
    float folds = 0.85 + 0.15 * sin(pane.x * bay * 42) * (1 - smoothstep(0.01, 0.05, metre));
    vec3 fabric = mix(vec3(0.46, 0.43, 0.37), mix(vec3(0.34, 0.22, 0.18), vec3(0.24, 0.30, 0.38), r1), step(0.6, r0)) * folds;
    vec3 inside = mix(room * shade * (0.14 - 0.09 * depth), fabric * 0.55, cloth);
    vec3 paneColor = mix(vec3(0.055, 0.060, 0.066), inside, near);
    vec3 coated = base * (0.10 + 0.07 * near * r1);
    paneColor = mix(paneColor, coated, curtain);
    vec3 frameColor = curtain > 0.5 ? vec3(0.16, 0.17, 0.18) : unitFrom(mixBits(h + 7u)) > 0.5 ? vec3(0.50, 0.50, 0.48) : vec3(0.17, 0.15, 0.13);
    f.color = mix(face, face * 0.55, reveal);
    f.color = mix(f.color, frameColor, frame);
    f.color = mix(f.color, paneColor, glass);
    // The lintel shades the top of the pane.
    f.color *= 1 - 0.35 * (1 - curtain) * behind * (1 - pulse(cell.y, w.y, 0.0, open.z - 0.10));
    f.glass = glass * (1 - 0.8 * cloth);
    f.curtain = curtain;

    vec3 lamp = mix(vec3(1.0, 0.68, 0.36), vec3(1.0, 0.90, 0.74), r1);
    if (office || use == MATOU_DRESS_WORKS || use == MATOU_DRESS_SCHOOL) lamp = mix(vec3(0.86, 0.94, 1.0), vec3(1.0, 0.92, 0.78), step(0.7, r1));
    // Rooms of one floor of an office are lit together more often than not.
    if (office) {
        float floorDice = unitFrom(mixBits(h ^ uint(int(level) * 104729)));
        lit = step(mix(r0, floorDice, 0.6), lampShare);
    }
    float inRoom = mix(1.0, 0.55 + 0.75 * shade * (1 - 0.4 * depth), near);
    vec3 each = lamp * lit * (0.30 + 0.70 * unitFrom(mixBits(id + 9u))) * inRoom;
    each *= mix(vec3(1), fabric * 1.9, cloth);
    vec3 meanLamp = (office ? vec3(0.95, 0.95, 0.92) : vec3(1.0, 0.80, 0.56)) * lampShare * 0.62;
    // A few rooms have only a screen on, a few all their lamps.
    float mood = unitFrom(mixBits(id + 11u));
    if (!office && !front) each *= mood > 0.92 ? vec3(0.32, 0.50, 0.85) : mood > 0.74 ? vec3(1.5) : vec3(1);
    if (front) each *= 1.9; // shops are brighter than rooms
    if (office) {
        // One tenant a floor or two has one kind of lamp; the ceiling is brightest; blinds are down to somewhere in a third of the bays.
        uint tenant = mixBits(h ^ uint(int(level * 0.5) * 7907) ^ uint(int(columnAt / 6.0)) * 15731u);
        float t = unitFrom(tenant), down = r2 > 0.66 ? 0.25 + 0.65 * unitFrom(mixBits(id + 12u)) : 0.0;
        float blind = smoothstep(-0.02, 0.02, fract(pane.y) - mix(open.z, open.y, down)) * step(0.01, down);
        each *= mix(vec3(0.82, 0.95, 1.08), vec3(1.08, 0.90, 0.66), t * t) * (0.40 + 0.45 * unitFrom(mixBits(tenant + 1u)));
        each *= mix(0.62 + 0.55 * smoothstep(0.35, 0.88, fract(pane.y)), 0.55, blind);
    }
    // From afar panes are points of light, which glare makes larger than they are; what is seen of them are clusters, as large
    // as a pixel and a half.
    if (wall.night > 0 && near < 1) {
        float size = log2(max(1.5 * max(w.x, w.y), 1.0));
        float some = mix(clusterOf(cell, exp2(floor(size)), h), clusterOf(cell, exp2(floor(size) + 1), h), fract(size));
        meanLamp *= (office ? mix(vec3(0.90, 0.97, 1.05), vec3(1.05, 0.84, 0.60), unitFrom(mixBits(h + 16u))) : vec3(1)) *
                    (0.25 + 2.25 * some * some) * (0.45 + 1.1 * unitFrom(mixBits(h + 15u))) * (front ? 2.2 : 1.5);
    }
    f.glow = 1.25 * glass * mix(meanLamp, each, near) * wall.night;
    // Towers wear light until late: a bright rim under the roof, some lines up their corners.
    float dress = unitFrom(mixBits(h + 13u));
    if (office && wall.floors > 9 && dress > 0.35 && wall.night > 0) {
        vec3 hue = dress > 0.9 ? vec3(0.30, 0.48, 1.0) : dress > 0.82 ? vec3(0.95, 0.42, 0.30) : dress > 0.6 ? vec3(1.0, 0.80, 0.50) : vec3(0.86, 0.93, 1.0);
        float up = wall.uv.y / storey, rim = pulse(up / 128, w.y / 128, (wall.floors - 0.8) / 128, (wall.floors + 0.2) / 128);
        float corner = wall.wide > 0 && fract(dress * 7) > 0.5
                           ? pulse(wall.uv.x / 128, w.x * bay / 128, 0.1 / 128, 0.6 / 128) + pulse(wall.uv.x / 128, w.x * bay / 128, (wall.wide - 0.6) / 128, (wall.wide - 0.1) / 128)
                           : 0.0;
        f.glow += hue * (0.55 * rim + 0.40 * corner) * wall.night * (1 - ramp(wall.hour < 4 ? wall.hour + 24 : wall.hour, 22.0, 22.6));
    }

    // Panels over shopfronts: colours only, no words.
    if (use == MATOU_DRESS_SHOP && wall.uv.y < storey) {
        uint shop = mixBits(h ^ uint(int(floor(cell.x)) + 977) * 2654435761u);
        float hue = unitFrom(shop), panel = pulse(cell.x, w.x, 0.03, 0.97) * smoothstep(0.72 - w.y, 0.72 + w.y, cell.y) * (1 - smoothstep(0.95 - w.y, 0.95 + w.y, cell.y));
        vec3 paint = hue < 0.25 ? vec3(0.36, 0.055, 0.045) : hue < 0.42 ? vec3(0.055, 0.15, 0.32) : hue < 0.58 ? vec3(0.06, 0.22, 0.11)
                     : hue < 0.74 ? vec3(0.42, 0.29, 0.06) : hue < 0.88 ? vec3(0.50, 0.48, 0.44) : vec3(0.12, 0.11, 0.13);
        // A lighter bar and blocks stand for writing.
        vec2 text = vec2(fract(cell.x), (cell.y - 0.72) / 0.23);
        float row = smoothstep(0.28, 0.32, text.y) * (1 - smoothstep(0.68, 0.72, text.y)) * step(0.18, text.x) * step(text.x, 0.82);
        float blocks = row * near * step(0.35, unitFrom(mixBits(shop + uint(floor(text.x * 22)))));
        paint = mix(paint, hue < 0.74 ? vec3(0.72, 0.68, 0.56) : vec3(0.40, 0.06, 0.05), 0.85 * blocks);
        f.color = mix(f.color, paint, panel);
        f.glass *= 1 - panel;
        f.glow = mix(f.glow, (paint * 2.6 + 0.02) * wall.night * step(0.02, lampShare), panel);
    }
    return f;
}

// Flat roofs: felt in strips, patched, ponds' rims; pitched ones: rows of tiles.
vec3 roofColor(vec3 base, vec3 n, vec2 x, float w, uint seed) {
    float wide = grain(x, 8, w, seed & 255u), stain = grain(x, 1, w, 61u), fine = grain(x, 0.0625, w, 62u);
    vec3 c = base * (1 + 0.12 * wide + 0.10 * stain + 0.14 * fine);
    if (n.z > 0.985) {
        float strip = (x.x * 0.96 + x.y * 0.28) * 1.0;
        c *= 1 - 0.16 * pulse(strip, w, 0.0, 0.05);
        return mix(c, c * vec3(0.62, 0.64, 0.62), smoothstep(0.35, 0.8, wide + 0.4 * stain));
    }
    vec2 down = normalize(n.xy + vec2(1e-5, 0));
    float row = dot(x, down) / 0.34, rib = dot(x, vec2(-down.y, down.x)) / 0.28;
    c *= 1 - 0.22 * pulse(row, w / 0.34, 0.0, 0.18) - 0.10 * pulse(rib, w / 0.28, 0.0, 0.25);
    return c;
}

// Light warm greys, beiges and the brick of the 1980s; multiplies what the model says.
vec3 masonryTone(uint seed) {
    float r = unitFrom(mixBits(seed + 77u)), s = unitFrom(mixBits(seed + 78u));
    vec3 tone = mix(vec3(1.0, 0.975, 0.94), vec3(0.97, 0.98, 1.0), r);
    if (s > 0.88) tone = vec3(0.92, 0.74, 0.62);
    else if (s > 0.70) tone = vec3(1.0, 0.93, 0.82);
    return tone * (0.90 + 0.10 * unitFrom(mixBits(seed + 79u)));
}
